"""`filcommun backup`, `restore` and `resume`: a copy of everything, and starting again from it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from bot import backups
from bot.backups import BackupFailed
from bot.cli.held import print_held
from bot.cli.running import (
    CONFIGURATION,
    FAILURE,
    OK,
    UNREACHABLE,
    USAGE,
    is_connection_trouble,
    no_database,
    settings,
    where,
)
from bot.cli.standing import open_store, spoken
from bot.config import Settings
from bot.config.channels import channel as find_channel
from bot.config.sources import DEFAULT, FILE_VARIABLE
from bot.core import forgetting, referring, resuming
from bot.core.tokens import SIZE
from store import restore as store_restore
from store.database import Store
from store.files import Files
from store.restore import Damaged, Found, NewerSchema, NotEmpty, WrongPassphrase
from store.sealed import is_sealed

#: Said instead of a path: there is no copy of the key.
NO_KEY = "none"


class Stop(Exception):
    """It cannot go on; a sentence, and the exit code."""

    def __init__(self, sentence: str, code: int = FAILURE) -> None:
        super().__init__(sentence)
        self.code = code


def _told(work: Callable[[], int]) -> int:
    """What `work` returns, or the exit code of what stopped it, which is printed."""
    try:
        return work()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return stop.code
    except BackupFailed as error:
        print(error, file=sys.stderr)
        return FAILURE


def back_up(found: Settings, target: Path | None) -> int:
    """Make a backup now."""

    def work() -> int:
        store = open_store(found)
        if isinstance(store, int):
            return store
        if target is not None and target.exists():
            raise Stop(f"{target} exists already; I leave it as it is. Name another file.")
        try:
            made = backups.make(found, store, target)
        finally:
            store.engine.dispose()
        t = spoken()
        print(t.n("{count} message is in {path}", "{count} messages are in {path}", made.messages, path=str(made.path)))
        if made.missing:
            print(t.n("{count} file was not there any more.", "{count} files were not there any more.", made.missing))
        print(t("The secret key is not in it: keep a copy of {key} elsewhere, once.", key=str(found.store.key)))
        return OK

    return _told(work)


def check(config: Path | None, path: Path | None, words_file: Path | None) -> int:
    """Prove that a backup restores, in a temporary folder; the newest one if none is named."""

    def work() -> int:
        known = settings(config) if _config_path(config).exists() or path is None else None
        there = backups.existing(known.backup.folder) if known else []
        if path is None and not there:
            raise Stop("There is no backup yet. Make one with: filcommun backup")
        chosen = path or there[-1]
        words = _words(chosen, known, words_file)
        store = open_store(known) if known is not None and _is_there(known) else None
        kept = store if isinstance(store, Store) else None
        try:
            found = _understood(
                chosen,
                lambda: backups.prove(known, chosen, words, kept) if known else store_restore.prove(chosen, words),
            )
        finally:
            if kept is not None:
                kept.engine.dispose()
        t = spoken()
        print(t("{path} restores: {contents}.", path=str(chosen), contents=_contents(found)))
        return OK

    return _told(work)


def put_back(config: Path | None, path: Path, key: str, words_file: Path | None) -> int:
    """Restore a backup into an empty place, which then waits for `resume`."""

    def work() -> int:
        t = spoken()
        file = _config_path(config)
        words = _words(path, settings(config) if file.exists() else None, words_file)
        said = _understood(path, lambda: store_restore.about(path, words))
        _bring_configuration(file, said)
        known = settings(config)
        own_key = _key(known, key, said)
        made = _put_key(known, own_key)
        store = Store(known.store.url)
        try:
            found = _understood(path, lambda: _restore(known, path, words, store, lost=own_key is None))
        except BaseException as error:
            if made:
                known.store.key.unlink(missing_ok=True)
            if is_connection_trouble(error):
                raise Stop(no_database(known, error), UNREACHABLE) from None
            raise
        print(t("Restored into {place}: {contents}.", place=where(known), contents=_contents(found)))
        if own_key is None:
            print(t("Without the old key, old reply addresses are dead; answers find their place by what they answer."))
        with store.engine.connect() as connection:
            held = resuming.held(connection)
        store.engine.dispose()
        if held is not None:
            print_held(held, known, t, at=found.made_at)
        return OK

    return _told(work)


def _restore(known: Settings, path: Path, words: str, store: Store, *, lost: bool) -> Found:
    """Everything in one transaction, those who were forgotten since included."""
    files = Files(known.store.files)
    keeping = [name for name in known.channels if find_channel(name).can.rereads]

    def after(connection: Connection, found: Found) -> None:  # noqa: ARG001 - restoring tells both
        for name in forgetting.apply_erased(connection, keeping):
            files.drop(name)
        if lost:
            referring.key_is_lost(connection)

    folders = (path.absolute().parent, known.backup.folder, known.backup.copy_to)
    return store_restore.restore(
        path,
        store,
        files,
        passphrase=words,
        forgotten=backups.read_forgotten(*folders),
        after=after,
    )


def _understood(path: Path, work: Callable[[], Found]) -> Found:
    """What `work` returns; what is wrong with the backup or the place becomes a sentence."""
    try:
        return work()
    except FileNotFoundError:
        raise Stop(f"{path}: there is no such file.", USAGE) from None
    except WrongPassphrase:
        raise Stop(f"{path} is encrypted, and this is not its passphrase.") from None
    except Damaged as error:
        raise Stop(f"{path} cannot be restored: {error}. Nothing was changed; take an older backup.") from None
    except NewerSchema as error:
        raise Stop(
            f"{path} was made by a newer version of filcommun (its schema is {error}): install that one.", CONFIGURATION
        ) from None
    except NotEmpty as error:
        raise Stop(f"{error} is not empty. A backup goes into an empty place: move away what is there.") from None


def _config_path(config: Path | None) -> Path:
    return config or Path(os.environ.get(FILE_VARIABLE) or DEFAULT)


def _is_there(known: Settings) -> bool:
    return known.store.path is None or known.store.path.exists()


def _words(path: Path, known: Settings | None, file: Path | None) -> str:
    """The passphrase, if the backup needs one: from the file that was named, the configuration, or typed."""
    try:
        with path.open("rb") as backup:
            sealed = is_sealed(backup.read(40))
    except OSError as error:
        raise Stop(f"{path}: cannot be read ({error.strerror}).", USAGE) from None
    if not sealed:
        return ""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError):
            raise Stop(f"{file}: cannot be read.", USAGE) from None
    if known is not None and known.backup.passphrase_file is not None and known.backup.passphrase_file.exists():
        return backups.passphrase(known)
    if not sys.stdin.isatty():
        raise Stop(f"{path} is encrypted. Name the file of its passphrase with --passphrase-file.", USAGE)
    return getpass.getpass(spoken()("Passphrase of {path}: ", path=str(path))).strip()


def _bring_configuration(file: Path, said: Found) -> None:
    """Where there is no configuration, that of the backup; what is secret has to be filled in first."""
    if file.exists() or not said.config or any(name.startswith("FILCOMMUN_STORE__") for name in os.environ):
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(said.config)
    t = spoken()
    print(t("Wrote {path} from the backup.", path=str(file)))
    if secrets := said.about.get("secrets"):
        listed = t.listing([str(one) for one in secrets])
        raise Stop(t("Fill in what is secret, then type the same again: {settings}", settings=listed), CONFIGURATION)


def _key(known: Settings, given: str, said: Found) -> bytes | None:
    """The key the old tokens were made with: named, already in its place, or asked for. None: it is lost."""
    t = spoken()
    path = Path(given) if given and given != NO_KEY else None
    if not given:
        if known.store.key.exists():
            path = known.store.key
        elif sys.stdin.isatty():
            typed = input(t("Where is your copy of the secret key? (Nothing: there is none) "))
            path = Path(typed.strip()).expanduser() if typed.strip() else None
        else:
            raise Stop(
                t("Name your copy of the secret key, as in --key secret.key; or, if there is none: --key none"), USAGE
            )
    if path is None:
        return None
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Stop(f"{path}: cannot be read ({error.strerror}).", USAGE) from None
    if len(key) != SIZE:
        raise Stop(f"{path} is not a secret key: a key has exactly {SIZE} bytes, this file has {len(key)}.")
    if "key" in said.about and backups.fingerprint(key) != said.about["key"]:
        raise Stop(f"{path} is another key than that of this backup. If the right one is lost: --key none")
    return key


def _put_key(known: Settings, key: bytes | None) -> bool:
    """Put the key where it belongs; whether it was not there."""
    path = known.store.key
    if path.exists():
        if key is None:
            raise Stop(f"{path} is there. With --key none a new key is made: move that one away first.")
        if path.read_bytes() != key:
            raise Stop(f"{path} is there, and is another key. Move it away first.")
        return False
    if key is None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    return True


def _contents(found: Found) -> str:
    t = spoken()
    said = [
        t.n("{count} message", "{count} messages", found.messages),
        t.n("{count} member", "{count} members", found.rows.get("member", 0)),
        t.n("{count} file", "{count} files", found.files),
    ]
    return t.listing(said)


def resume(found: Settings, *, send: bool, drop: bool) -> int:
    """Let things leave again after a restore: all of them, or only what has surely not left."""
    t = spoken()
    store = open_store(found)
    if isinstance(store, int):
        return store
    try:
        with store.engine.connect() as connection:
            held = resuming.held(connection)
        if held is None:
            print(t("Nothing is held back."), file=sys.stderr)
            return FAILURE
        if send == drop:
            print_held(held, found, t)
            return USAGE
        leaving, given_up = store.write_now(lambda connection: resuming.resume(connection, send=send))
    finally:
        store.engine.dispose()
    print(t.n("{count} message leaves.", "{count} messages leave.", leaving))
    if given_up:
        print(t.n("{count} is given up.", "{count} are given up.", given_up))
    if held.reading:
        print(t("Mails since the backup are still being read again; the same holds for what follows from them."))
    return OK
