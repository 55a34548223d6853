"""The section [signal] of the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.text.duration import Duration


class SignalSettings(BaseModel):
    """The bot's number, and the service that speaks to Signal for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: What an address of somebody looks like where the configuration names one, and how that is said.
    someone: ClassVar[tuple[str, str]] = (
        r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "Signal knows people by an account id, not by number. Leave them out: the start prints a code to send instead",
    )

    number: str = Field(description="a number of the bot's own, with its country", examples=["+33600000000"])
    service: str = Field("http://127.0.0.1:8080", description="signal-cli-rest-api, 0.101 or newer, mode json-rpc")
    webhook: str = Field(
        "",
        description='the second way in: where the service\'s RECEIVE_WEBHOOK_URL points to, like "127.0.0.1:8090"; empty: none',
    )
    shared_account: bool = Field(
        False,
        description="true if the number is also somebody's own: then only bound groups and linked members are read",
    )
    username: str = Field(
        "filcommun",
        pattern=r"^(?:[a-z_][a-z0-9_]{2,31})?$",
        description="the name by which Signal finds the bot, once its number is hidden; Signal adds digits to it. Empty: none",
    )
    spool: Path = Field(Path("data/signal.spool"), description="where the listener writes down what arrives")
    give_up_after: Duration = Field(86_400.0, description="how long a message may wait for Signal")
    answer_within: Duration = Field(60.0, gt=0, le=600, description="how long the service may take to answer a send")
    per_second: float = Field(
        10.0,
        gt=0,
        le=1e6,
        allow_inf_nan=False,
        description="messages a second in all; Signal does not say what it takes",
    )

    @field_validator("number")
    @classmethod
    def _is_a_number(cls, number: str) -> str:
        """A full number, without the blanks people put into one."""
        bare = re.sub(r"[ .()/-]", "", number)
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", bare):
            raise ValueError('write the number with its country, like "+33600000000"')
        return bare

    @field_validator("service")
    @classmethod
    def _is_a_service(cls, service: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", service):
            raise ValueError('write the address of signal-cli-rest-api, such as "http://127.0.0.1:8080"')
        return service.rstrip("/")

    @field_validator("webhook")
    @classmethod
    def _is_a_door(cls, webhook: str) -> str:
        if webhook and not re.fullmatch(r"[^\s:/]+:[0-9]{1,5}", webhook):
            raise ValueError('write a host and a port, such as "127.0.0.1:8090", or nothing')
        return webhook
