"""The section [telegram] of the configuration."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.text.duration import Duration

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,}")


class TelegramSettings(BaseModel):
    """How to reach Telegram, and how fast it may be written to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: What an address of somebody looks like where the configuration names one, and how that is said.
    someone: ClassVar[tuple[str, str]] = (
        r"[1-9][0-9]{3,19}",
        "Telegram knows people by a number, not by @name. Leave them out: the start prints a code to send instead",
    )

    token: SecretStr = Field(description="the bot's token, from @BotFather")
    api: str = Field("https://api.telegram.org", description="another Bot API server, if you run one")
    per_second: float = Field(
        28, gt=0, le=1e6, allow_inf_nan=False, description="messages a second in all; Telegram takes 30"
    )
    per_chat: float = Field(1, gt=0, le=1e6, allow_inf_nan=False, description="messages a second to one person")
    per_group: float = Field(20, gt=0, le=1e6, allow_inf_nan=False, description="messages a minute to one group")
    give_up_after: Duration = Field(86_400.0, description="how long a message may wait for Telegram")
    answer_within: Duration = Field(20.0, gt=0, description="how long Telegram may take to answer a send")

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        """A token has a form: a slip of the mouse is told at once, without showing what was pasted."""
        text = token.get_secret_value().strip()
        if not _TOKEN.fullmatch(text):
            raise ValueError(
                "this is no bot token; @BotFather gives one that looks like 123456789:AAF-kz… (write to it: /token)"
            )
        return SecretStr(text)

    @field_validator("api")
    @classmethod
    def _is_a_server(cls, api: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", api):
            raise ValueError('write the address of a Bot API server, such as "https://api.telegram.org"')
        return api.rstrip("/")
