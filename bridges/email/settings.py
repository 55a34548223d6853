"""The section [email] of the configuration: one mailbox, how to read it (IMAP) and how to send (SMTP)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.text.duration import Duration

Security = Literal["tls", "starttls", "none"]


class Smtp(BaseModel):
    """The relay that takes our mails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(description="its name", examples=["smtp.example.org"])
    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls")
    security: Security = Field(default="starttls", description='"starttls", "tls", or "none" on this machine only')
    user: str = Field(default="", description="often the mail address; empty: no login")
    password: SecretStr = Field(default=SecretStr(""), description="its password")
    timeout: Duration = Field(default=60.0, gt=0, le=600, description="how long one answer may take")


class Imap(BaseModel):
    """Where members' mails are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(description="its name", examples=["imap.example.org"])
    port: int = Field(default=993, ge=1, le=65535, description="993 with tls, 143 with starttls")
    security: Security = Field(default="tls", description='"tls", "starttls", or "none" on this machine only')
    user: str = Field(default="", description="often the mail address")
    password: SecretStr = Field(default=SecretStr(""), description="its password")
    idle: Duration = Field(
        default=240.0,
        gt=0,
        le=540,
        description="how long the server is trusted to tell of new mail before it is asked again; some forget",
    )
    timeout: Duration = Field(default=30.0, gt=0, le=600, description="how long one answer may take")


class Dkim(BaseModel):
    """The key our mails are signed with; not used by this version: let the relay sign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    selector: str = Field(description="the name of the key in the domain's DNS", examples=["filcommun"])
    key: str = Field(description="the file of the private key", examples=["data/dkim.pem"])


class Email(BaseModel):
    """One mailbox of the bot's own: members write to it, and are written to from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    #: What an address of somebody looks like where the configuration names one, and how that is said.
    someone: ClassVar[tuple[str, str]] = (r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", "write email:name@example.org")

    address: str = Field(
        description="members write here; answers come to the same name with +r.TOKEN behind it, bounces with +b.TOKEN",
        examples=["cercle@example.org"],
    )
    reply_style: Literal["plus", "catchall", "plain"] = Field(
        default="plus",
        description='how an answer says what it answers: "plus" (name+token@), "catchall" (token@), or "plain" for a '
        "provider that takes neither: then the mail program's own references must do",
    )
    bounce_style: Literal["verp", "plain"] = Field(
        default="verp",
        description='where mails that cannot be delivered come back to: "verp" (an address for each), or "plain" for '
        "providers that refuse a foreign envelope sender",
    )
    per_hour: int = Field(
        default=60, ge=1, description="mails an hour the provider allows; raise it when you know better"
    )
    per_day: int = Field(default=400, ge=1, description="and a day")
    connections: int = Field(default=16, ge=1, le=64, description="connections to the relay at once, at most")
    grace: Duration = Field(default=300.0, description='within it, an edit or an "undo" needs no second mail')
    give_up_after: Duration = Field(
        default=3 * 86_400.0, description="how long a mail may wait for the relay before its author is told"
    )
    shared_mailbox: bool = Field(
        default=False,
        description="true if the mailbox is also somebody's own: then only mails to one of our addresses, or answering "
        "one of our mails, are read",
    )
    authserv_id: str = Field(
        default="",
        description="the name your provider writes first into Authentication-Results; without it, no mail is believed to be "
        "from whom it says, and members must answer one of our mails",
        examples=["mx.example.org"],
    )
    lmtp: str = Field(
        default="",
        description="for a mail server of yours that hands mail in directly; not read by this version",
        examples=["127.0.0.1:8024"],
    )
    https: str = Field(
        default="",
        description="the public address of the web page, once there is one",
        examples=["https://cercle.example.org"],
    )
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
