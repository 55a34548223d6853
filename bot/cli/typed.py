"""The commands of the command line, declared with typer."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import running
from bot.cli.running import CONFIGURATION, FAILURE, OK, PARTIAL, UNREACHABLE, USAGE, settings
from bot.config.channels import names, offered

app = typer.Typer(
    help="One thread, whatever the messenger: a community's conversation across its channels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
community = typer.Typer(help="The communities of this deployment.", no_args_is_help=True)
member = typer.Typer(help="The members of a community.", no_args_is_help=True)
app.add_typer(community, name="community")
app.add_typer(member, name="member")


#: Which channels there are, at the end of a help text.
CHANNELS = f"There are: {', '.join(offered())}."


class Chosen:
    """What was said before the command."""

    config: Path | None = None


def example(*lines: str) -> str:
    """The last lines of a help text."""
    return "Example: " + "   ".join(lines)


@app.callback()
def _all(
    config: Annotated[
        Path | None, typer.Option(help="The configuration file; else $FILCOMMUN_CONFIG, else ./config.toml.")
    ] = None,
) -> None:
    Chosen.config = config
    # What is to be said is printed; the journal is `run`'s.
    logging.getLogger().addHandler(logging.NullHandler())


def _settings() -> Any:
    return settings(Chosen.config)


@app.command(epilog=example("filcommun init telegram email"))
def init(
    channels: Annotated[list[str] | None, typer.Argument(help=f"The channels to begin with. {CHANNELS}")] = None,
    name: Annotated[str, typer.Option(help="The community's name.")] = "",
) -> None:
    """Write a configuration to begin with."""
    from bot.config import ConfigError, write_example

    path = Chosen.config or Path(os.environ.get("FILCOMMUN_CONFIG", "config.toml"))
    unknown = [one for one in channels or () if one not in names()]
    if unknown:
        print(f"There is no channel {unknown[0]!r}. {CHANNELS}", file=sys.stderr)
        raise typer.Exit(USAGE)
    if path.exists():
        print(
            f"{path} exists already; I leave it as it is. Move it away, or name another with --config.", file=sys.stderr
        )
        raise typer.Exit(FAILURE)
    try:
        write_example(path, channels or (), {"community.name": name} if name else {})
    except ConfigError as error:
        print(*error.sentences, sep="\n", file=sys.stderr)
        raise typer.Exit(FAILURE) from None
    print(f"Wrote {path}. Fill in what is between quotes, then: filcommun check")


@app.command(epilog=example("filcommun check", "filcommun check email"))
def check(channel: Annotated[str | None, typer.Argument(help=f"Only this channel. {CHANNELS}")] = None) -> None:
    """Say what is wrong with the set-up, a sentence each."""
    import asyncio

    from bot.cli.checking import check_all

    found = _settings()
    if channel is not None and channel not in found.channels:
        print(
            f"[{channel}] is not in the configuration: that channel is off. On are: {', '.join(found.channels) or 'none'}.",
            file=sys.stderr,
        )
        raise typer.Exit(CONFIGURATION)
    raise typer.Exit(asyncio.run(check_all(found, [channel] if channel else list(found.channels))))


@app.command(epilog=example("filcommun --config /etc/filcommun.toml run"))
def run() -> None:
    """Run until told to stop."""
    raise typer.Exit(running.run(Chosen.config))


@app.command(epilog=example("filcommun listen signal"))
def listen(channel: Annotated[str, typer.Argument(help="A channel whose service forgets what nobody hears.")]) -> None:
    """Listen to one channel in a small process of its own, that upgrades and crashes of the bot do not touch."""
    found = _settings()
    module = f"bridges.{channel}.listener"
    if channel not in found.channels:
        print(f"[{channel}] is not in the configuration: that channel is off.", file=sys.stderr)
        raise typer.Exit(CONFIGURATION)
    if importlib.util.find_spec(module) is None:
        print(f"{channel} keeps what nobody has read yet: it needs no listener of its own.", file=sys.stderr)
        raise typer.Exit(USAGE)
    arguments: list[str] = importlib.import_module(module).arguments(found.channels[channel])
    os.execv(arguments[0], arguments)  # noqa: S606 - in our place: typer and the rest must not stay in memory


@app.command(epilog=example("filcommun demo", "filcommun demo --pace 0", "filcommun demo --keep"))
def demo(
    pace: Annotated[float, typer.Option(help="1: half a minute; 0: as fast as it goes.", min=0)] = 1.0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running, to write as each member.")] = False,
) -> None:
    """Half a minute of a community on this machine: local servers, real bridges, no account needed."""
    from bot.demo import main

    raise typer.Exit(main(pace=pace, keep=keep))


@app.command(epilog=example("filcommun status", "filcommun status --quiet && echo all well"))
def status(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only the exit code: 0 well, 5 something needs you.")
    ] = False,
) -> None:
    """What waits, what could not be delivered, which channels are away."""
    from bot.cli.standing import show_status

    raise typer.Exit(show_status(_settings(), quiet=quiet))


@app.command(epilog=example("filcommun retry out:812"))
def retry(letter: Annotated[str, typer.Argument(help="As `status` names it: in:44 or out:812.")]) -> None:
    """Try something again that could not go on."""
    _decide("retry", letter)


@app.command(epilog=example("filcommun drop in:44"))
def drop(letter: Annotated[str, typer.Argument(help="As `status` names it: in:44 or out:812.")]) -> None:
    """Give up something that could not go on."""
    _decide("drop", letter)


def _decide(what: str, letter: str) -> None:
    from bot.cli.standing import decide

    raise typer.Exit(decide(_settings(), what, letter))


@app.command(epilog=example("filcommun backup", "filcommun backup /mnt/usb/filcommun.tar.gz"))
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; into [backup] folder otherwise.")] = None,
) -> None:
    """Copy everything the program knows into one file, while it runs. The secret key is not in it."""
    from bot.cli.copies import back_up

    raise typer.Exit(back_up(_settings(), file))


@app.command(epilog=example("filcommun restore filcommun-2026-03-03-030000.tar.gz --key secret.key"))
def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup; with --check the newest one otherwise.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only prove that it restores, in a temporary folder.")] = False,
    key: Annotated[str, typer.Option(help='Your copy of the secret key; "none": there is no copy.')] = "",
    passphrase_file: Annotated[Path | None, typer.Option(help="A file whose first line opens the backup.")] = None,
) -> None:
    """Put a backup into an empty place. Then everything is read and nothing leaves, until you type: filcommun resume."""
    from bot.cli import copies

    if check:
        raise typer.Exit(copies.check(Chosen.config, file, passphrase_file))
    if file is None:
        print("Name the backup to restore, such as data/backups/filcommun-….tar.gz.", file=sys.stderr)
        raise typer.Exit(USAGE)
    raise typer.Exit(copies.put_back(Chosen.config, file, key, passphrase_file))


@app.command(epilog=example("filcommun resume --drop"))
def resume(
    send: Annotated[bool, typer.Option("--send", help="Everything leaves; some will read a message twice.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="What may have been sent before is given up; the rest leaves.")
    ] = False,
) -> None:
    """After a restore: let messages leave again."""
    from bot.cli.copies import resume as let_leave

    raise typer.Exit(let_leave(_settings(), send=send, drop=drop))


@community.command("list", epilog=example("filcommun community list"))
def community_list() -> None:
    """The communities, with how many members each has."""
    from bot.cli.people import list_communities

    raise typer.Exit(list_communities(_settings()))


@community.command("add", epilog=example('filcommun community add "Chorale du quartier" --language fr'))
def community_add(
    name: str,
    slug: Annotated[str, typer.Option(help="Its part of a mail address; made from the name otherwise.")] = "",
    language: Annotated[str, typer.Option(help="en or fr")] = "en",
    timezone: str = "Europe/Paris",
) -> None:
    """Add a community; prints the code that makes its first organizer."""
    from bot.cli.people import add_community

    raise typer.Exit(add_community(_settings(), name, slug, language, timezone))


@member.command("list", epilog=example("filcommun member list --community cercle"))
def member_list(community: Annotated[str, typer.Option(help="Its slug; the first one otherwise.")] = "") -> None:
    """The members: name, role, how they are told. No address is shown."""
    from bot.cli.people import list_members

    raise typer.Exit(list_members(_settings(), community))


@member.command("role", epilog=example("filcommun member role Amina organizer"))
def member_role(
    name: str,
    role: Annotated[str, typer.Argument(help="observer, member or organizer")],
    community: Annotated[str, typer.Option(help="Its slug; the first one otherwise.")] = "",
) -> None:
    """Change a member's role."""
    from bot.cli.people import set_role

    raise typer.Exit(set_role(_settings(), name, role, community))


@app.command("organizer-code", epilog=example("filcommun organizer-code"))
def organizer_code(community: Annotated[str, typer.Option(help="Its slug; the first one otherwise.")] = "") -> None:
    """A code, good for one hour and once, that makes an organizer from any channel."""
    from bot.cli.people import new_organizer_code

    raise typer.Exit(new_organizer_code(_settings(), community))


@app.command("invite-sheet", epilog=example("filcommun invite-sheet invitation.pdf"))
def invite_sheet(
    file: Annotated[
        Path, typer.Argument(help="Where to: a .pdf, or an .svg for letters the PDF's font does not have.")
    ],
    community: Annotated[str, typer.Option(help="Its slug; the first one otherwise.")] = "",
) -> None:
    """A page to print, A5, with QR codes and a code that serves many until an organizer takes it back."""
    from bot.cli.sheets import write_sheet

    raise typer.Exit(write_sheet(_settings(), file, community))


__all__ = ["OK", "PARTIAL", "UNREACHABLE", "app"]
