"""Telegram, by the Bot API: private chats, groups and supergroups."""
