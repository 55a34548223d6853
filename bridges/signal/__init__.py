"""The Signal channel: signal-cli-rest-api, heard by a listener of its own that writes everything down at once."""
