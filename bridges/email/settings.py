"""The section [email] of the configuration: one mailbox, how to read it (IMAP) and how to send (SMTP)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.text.duration import Duration

Security = Literal["tls", "starttls", "none"]


class Smtp(BaseModel):
    """[email.smtp]: the relay that takes our mails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Security = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    timeout: Duration = Field(default=60.0, gt=0, le=600)  # how long one answer may take


class Imap(BaseModel):
    """[email.imap]: where members' mails are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = Field(default=993, ge=1, le=65535)
    security: Security = "tls"
    user: str = ""
    password: SecretStr = SecretStr("")
    idle: Duration = Field(
        default=240.0, gt=0, le=540
    )  # a new IDLE at least this often: some servers forget older ones
    timeout: Duration = Field(default=30.0, gt=0, le=600)


class Dkim(BaseModel):
    """[email.dkim]: the key our mails are signed with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    selector: str
    key: str


class Email(BaseModel):
    """[email]: members write to `address`; replies come to local+r.TOKEN@domain, bounces to local+b.TOKEN@domain."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    reply_style: Literal["plus", "catchall", "plain"] = "plus"
    bounce_style: Literal["verp", "plain"] = "verp"
    per_hour: int = Field(default=60, ge=1)
    per_day: int = Field(default=400, ge=1)
    connections: int = Field(default=16, ge=1, le=64)
    grace: Duration = 300.0
    give_up_after: Duration = 3 * 86_400.0
    shared_mailbox: bool = False
    authserv_id: str = ""
    lmtp: str = ""
    https: str = ""
    smtp: Smtp
    imap: Imap
    dkim: Dkim | None = None

    @field_validator("address")
    @classmethod
    def _one_mailbox(cls, value: str) -> str:
        """A plain address in lower case: it becomes part of every Reply-To, so nothing exotic is taken."""
        from email_validator import EmailNotValidError, validate_email

        try:
            found = validate_email(value, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValueError(f"{error} Write the mailbox of the bot, like cercle@example.org") from None
        if found.ascii_email is None or "+" in found.local_part:
            raise ValueError("write the bare mailbox without accents and without +, like cercle@example.org")
        return found.ascii_email.lower()

    @property
    def local(self) -> str:
        """What stands before the @ of our address."""
        return self.address.partition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind the @ of our address."""
        return self.address.partition("@")[2]
