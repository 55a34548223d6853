"""The spool: a file of frames between the listener and the bridge, which may be two processes.

A frame is a head (mark, kind, length, time, CRC32) and its bytes. Whoever writes holds the file's lock for the few
microseconds of the append, whoever cuts holds it too: no frame is lost between them, and none is half read. What the
reader has not cut it reads again after a crash; the keys of the items drop what was already stored.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

_MARK = b"\xf5FC1"  # 0xf5 stands in no UTF-8 text: the mark is not met inside a frame of JSON
_HEAD = struct.Struct(">4sBIQI")
MAX_FRAME = 32 * 2**20  # twice what a websocket frame may hold
_COMPACT = 4 * 2**20  # consumed bytes that are worth copying the rest


class Kind(IntEnum):
    """What a frame holds."""

    ITEM = 1  # as the service gave it
    GAP = 2  # JSON of our own: nobody listened from `since` to `until`
    DAMAGED = 255  # never written: bytes a reader could not make sense of, with good frames after them


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, and the position behind it: what `cut` takes."""

    kind: Kind
    data: bytes
    at: float  # when it was received, seconds since 1970
    end: int


def _packed(kind: Kind, data: bytes, at: float) -> bytes:
    if len(data) > MAX_FRAME:
        raise ValueError(f"a frame holds at most {MAX_FRAME} bytes")
    milliseconds = max(0, int(at * 1000))
    return _HEAD.pack(_MARK, kind, len(data), milliseconds, _checksum(kind, data, milliseconds)) + data


def _checksum(kind: int, data: bytes, milliseconds: int) -> int:
    return zlib.crc32(data, zlib.crc32(struct.pack(">BIQ", kind, len(data), milliseconds)))


def _frame_at(data: bytes, start: int, base: int) -> Frame | None:
    """The whole, sound frame at `start` of `data` (which stands at `base` of the file); None if there is none."""
    if len(data) - start < _HEAD.size:
        return None
    mark, kind, length, milliseconds, crc = _HEAD.unpack_from(data, start)
    first = start + _HEAD.size
    if mark != _MARK or kind not in (Kind.ITEM, Kind.GAP) or length > MAX_FRAME or len(data) - first < length:
        return None
    body = data[first : first + length]
    if _checksum(kind, body, milliseconds) != crc:
        return None
    return Frame(Kind(kind), body, milliseconds / 1000, base + first + length)


def _next_sound(data: bytes, start: int) -> int | None:
    """Where the next sound frame begins, at or behind `start`."""
    while (start := data.find(_MARK, start)) >= 0:
        if _frame_at(data, start, 0):
            return start
        start += 1
    return None


def _sound_end(file: int, start: int) -> int:
    """The end of the last sound frame of the file behind `start`, where a frame (or the end) must stand."""
    data = _all_from(file, start)
    position = 0
    while position < len(data):
        found = _frame_at(data, position, 0)
        if found:
            position = found.end
            continue
        further = _next_sound(data, position + 1)
        if further is None:
            break
        position = further
    return start + position


def _all_from(file: int, start: int) -> bytes:
    pieces = []
    while piece := os.pread(file, 2**20, start):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


class _File:
    """The spool file, opened; follows it when another process has put a shorter one in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self._opened()

    def _opened(self) -> int:
        # 0600: members' words are in it.
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        """Let go of the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    def moved(self) -> bool:
        """Was it replaced since it was opened? Then it is opened anew."""
        mine = os.fstat(self.file)
        try:
            there = self.path.stat()
            if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino):
                return False
        except FileNotFoundError:
            pass
        old, self.file = self.file, self._opened()
        os.close(old)
        return True

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes or cuts meanwhile."""
        while True:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            if not self.moved():
                break  # what we locked is what stands at the path
        try:
            yield
        finally:
            fcntl.flock(self.file, fcntl.LOCK_UN)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self.file).st_size


class Writer:
    """Appends frames. Several may write at once (a listener taking over from another): each append is whole."""

    def __init__(self, path: Path) -> None:
        self._file = _File(path)
        self._good = -1  # where the file ended, soundly, when we wrote last

    def append(self, frames: Sequence[tuple[Kind, bytes]], at: float | None = None) -> None:
        """Write the frames; readers see them on return. All or nothing: on OSError the file is as before."""
        now = time.time() if at is None else at
        data = b"".join(_packed(kind, body, now) for kind, body in frames)
        with self._file.locked():
            start = self._mended()
            try:
                written = 0
                while written < len(data):
                    written += os.pwrite(self._file.file, data[written:], start + written)
            except OSError:
                os.ftruncate(self._file.file, start)
                raise
            self._good = start + len(data)

    def _mended(self) -> int:
        """Where the next frame goes; what a killed writer left unfinished is taken off."""
        size = self._file.size
        if size != self._good:  # somebody else wrote or cut: look at what they left
            # From the beginning: cut and written anew, the file may have a frame of theirs across where we ended.
            good = _sound_end(self._file.file, 0)
            if good != size:
                os.ftruncate(self._file.file, good)
            self._good = good
        return self._good

    def sync(self) -> None:
        """What was appended so far survives a power failure. May run in another thread."""
        os.fdatasync(self._file.file)

    def close(self) -> None:
        """Write it down and let go."""
        if self._file.file >= 0:
            with contextlib.suppress(OSError):
                self.sync()
            self._file.close()


class Reader:
    """Reads frames in order and cuts what is stored elsewhere. There is one."""

    def __init__(self, path: Path) -> None:
        self._file = _File(path)
        self.position = 0

    def read(self, most: int = 200, nbytes: int = 4 * 2**20) -> list[Frame]:
        """The frames behind the last ones read, at most `most` and about `nbytes`; none if there are none yet."""
        if self._file.moved() or self._file.size < self.position:
            self.position = 0
        data = os.pread(self._file.file, nbytes, self.position)
        if len(data) < _HEAD.size:
            return []
        frames = self._sound(data, most)
        if not frames:  # larger than a piece, unfinished, or damaged
            with self._file.locked():  # nobody is in the middle of a write now
                frames = self._beyond(_all_from(self._file.file, self.position), most)
        if frames:
            self.position = frames[-1].end
        return frames

    def _sound(self, data: bytes, most: int) -> list[Frame]:
        frames: list[Frame] = []
        start = 0
        while len(frames) < most and (found := _frame_at(data, start, self.position)):
            frames.append(found)
            start = found.end - self.position
        return frames

    def _beyond(self, data: bytes, most: int) -> list[Frame]:
        """Like `_sound`; damaged bytes become one frame of their own when sound ones follow (else: a torn tail)."""
        if frames := self._sound(data, most):
            return frames
        further = _next_sound(data, 1)
        if further is None:
            return []
        return [Frame(Kind.DAMAGED, data[:further], time.time(), self.position + further)]

    def cut(self, position: int) -> None:
        """What stands before `position` is stored elsewhere: forget it. Frames appended meanwhile stay."""
        with self._file.locked():
            size = self._file.size
            if not 0 < position <= size:
                return
            if position == size or _sound_end(self._file.file, position) == position:
                os.ftruncate(self._file.file, 0)
                self.position = 0
            elif position > _COMPACT:
                self._keep_only(_all_from(self._file.file, position))
                self.position = max(0, self.position - position)

    def _keep_only(self, rest: bytes) -> None:
        """Put a file with only `rest` in the place of this one, whole or not at all."""
        beside = self._file.path.with_name(self._file.path.name + ".new")
        new = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            done = 0
            while done < len(rest):
                done += os.pwrite(new, rest[done:], done)
            os.fdatasync(new)
            beside.replace(self._file.path)
        finally:
            os.close(new)
        # Without this a power failure could bring the old file back, and with it lose what was appended to the new.
        folder = os.open(self._file.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
