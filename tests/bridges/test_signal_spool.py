"""The spool: nothing lost, nothing half read, whoever dies and whenever."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges.signal.spool import Kind, Reader, Writer
from bridges.signal.watch import Bell, Lock, Ringer, State, Watch
from tests.bridges.signal_ground import ROOT


def put(writer: Writer, *texts: bytes) -> None:
    writer.append([(Kind.ITEM, text) for text in texts])


def data(reader: Reader, **more: int) -> list[bytes]:
    return [frame.data for frame in reader.read(**more)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "signal.spool"


def test_frames_come_back_in_order_with_their_time(path):
    writer, reader = Writer(path), Reader(path)
    assert data(reader) == []
    writer.append([(Kind.ITEM, b"one"), (Kind.GAP, b"{}")], at=1767302400.5)
    put(writer, b"")
    frames = reader.read()
    assert [(frame.kind, frame.data) for frame in frames] == [(Kind.ITEM, b"one"), (Kind.GAP, b"{}"), (Kind.ITEM, b"")]
    assert frames[0].at == 1767302400.5
    assert data(reader) == []


def test_only_its_owner_may_read_it(path):
    Writer(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_not_cut_is_read_again_and_what_was_is_gone(path):
    writer = Writer(path)
    put(writer, b"one", b"two")
    first = Reader(path)
    assert data(first) == [b"one", b"two"]
    assert data(Reader(path)) == [b"one", b"two"], "a crash before the cut"
    first.cut(first.position)
    assert path.stat().st_size == 0
    assert data(Reader(path)) == []


def test_a_cut_keeps_what_was_appended_meanwhile(path):
    writer, reader = Writer(path), Reader(path)
    put(writer, b"one")
    (frame,) = reader.read()
    put(writer, b"two")
    reader.cut(frame.end)
    assert data(reader) == [b"two"]
    put(writer, b"three")
    assert data(reader) == [b"three"]
    reader.cut(reader.position)
    assert path.stat().st_size == 0
    put(writer, b"four")
    assert data(reader) == [b"four"]


def test_a_long_spool_is_shortened_while_it_never_runs_empty(path):
    writer, reader = Writer(path), Reader(path)
    for number in range(12):
        put(writer, bytes([65 + number]) * 2**19)
        put(writer, b"next")
    read = []
    for _ in range(12):
        frames = reader.read(most=2)
        read += [frame.data[:1] for frame in frames]
        put(writer, b"later")
        reader.cut(frames[-1].end)
    assert read == [part for number in range(12) for part in (bytes([65 + number]), b"n")]
    assert path.stat().st_size < 2.5 * 2**20
    assert data(reader) == [b"later"] * 12
    assert not list(path.parent.glob("*.new"))


@pytest.mark.parametrize("kept", [1, 5, 20, 21, 22, 30])
def test_a_torn_tail_is_waited_for_and_mended_by_the_next_writer(path, kept):
    put(Writer(path), b"one")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept].replace(b"one", b"ONE")[: min(kept, len(whole) - 1)])
    reader = Reader(path)
    assert data(reader) == [b"one"]
    assert data(reader) == []
    put(Writer(path), b"two")
    assert data(reader) == [b"two"]


def test_a_torn_tail_does_not_keep_what_was_cut(path):
    put(Writer(path), b"one")
    path.write_bytes(path.read_bytes() + b"\xf5FC")
    reader = Reader(path)
    (frame,) = reader.read()
    reader.cut(frame.end)
    assert path.stat().st_size == 0


def test_a_writer_mends_what_another_left_while_it_slept(path):
    first, second, reader = Writer(path), Writer(path), Reader(path)
    put(first, b"one")
    put(second, b"two")
    with path.open("ab") as torn:
        torn.write(b"\xf5FC1\x01\x00\x00")
    put(first, b"three")
    put(second, b"four")
    assert data(reader) == [b"one", b"two", b"three", b"four"]


def test_damage_in_the_middle_is_shown_and_the_rest_is_read(path):
    writer = Writer(path)
    put(writer, b"first", b"second", b"third")
    spoilt = bytearray(path.read_bytes())
    spoilt[spoilt.index(b"second")] ^= 1
    path.write_bytes(spoilt)
    reader = Reader(path)
    assert data(reader) == [b"first"]
    damaged = reader.read()
    assert damaged[0].kind is Kind.DAMAGED
    assert data(reader) == [b"third"]
    put(Writer(path), b"fourth")
    assert data(reader) == [b"fourth"]


def test_a_frame_larger_than_a_piece_is_read(path):
    writer, reader = Writer(path), Reader(path)
    put(writer, b"x" * 10_000, b"y")
    assert data(reader, nbytes=100) == [b"x" * 10_000, b"y"]


def test_a_deleted_spool_is_made_anew(path):
    writer, reader = Writer(path), Reader(path)
    put(writer, b"one")
    path.unlink()
    put(writer, b"two")
    assert data(reader) == [b"two"]


def test_a_full_disk_leaves_the_file_as_it_was(path, monkeypatch):
    writer, reader = Writer(path), Reader(path)
    put(writer, b"one")
    real = os.pwrite

    def half(file, what, at):
        if len(what) > 10:
            return real(file, what[:10], at)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(OSError, match="No space"):
        put(writer, b"two" * 10)
    monkeypatch.undo()
    put(writer, b"three")
    assert data(reader) == [b"one", b"three"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.integers(0, 3)), max_size=40), st.data())
def test_any_order_of_appends_reads_cuts_and_crashes_gives_each_frame(tmp_path_factory, steps, draws):
    """A frame is an append; a number is: read and cut, read without cutting and crash, a torn write, another writer."""
    path = tmp_path_factory.mktemp("spool") / "s"
    writer, reader = Writer(path), Reader(path)
    put_in: list[bytes] = []
    out: dict[bytes, None] = {}
    number = 0
    for step in steps:
        if isinstance(step, bytes):
            frame = f"{number}:".encode() + step
            number += 1
            put(writer, frame)
            put_in.append(frame)
        elif step == 0:
            frames = reader.read(most=draws.draw(st.integers(1, 3)))
            out.update(dict.fromkeys(frame.data for frame in frames))
            if frames:
                reader.cut(frames[-1].end)
        elif step == 1:
            reader.read()
            reader.close()
            reader = Reader(path)
        elif step == 2:
            with path.open("ab") as torn:
                torn.write(b"\xf5FC1\x01\x00\x00\x00\x09\x00")
        else:
            writer.close()
            writer = Writer(path)
    while frames := reader.read():
        out.update(dict.fromkeys(frame.data for frame in frames))
        reader.cut(frames[-1].end)
    writer.close()
    reader.close()
    assert list(out) == put_in


def _append_for_ever(path: str, started) -> None:
    writer = Writer(Path(path))
    ringer = Ringer(Path(path))
    number = 0
    while True:
        put(writer, b"%d:" % number + b"x" * (number % 5000))
        ringer.ring()
        number += 1
        started.value = number


def test_a_writer_killed_in_the_middle_loses_nothing_it_had_finished(tmp_path):
    """Ten writers, each killed with SIGKILL while it appends and a reader reads and cuts: all numbers, in order, once."""
    path = tmp_path / "s"
    reader = Reader(path)
    spawn = multiprocessing.get_context("fork")
    for _ in range(10):
        done = spawn.Value("L", 0)
        process = spawn.Process(target=_append_for_ever, args=(str(path), done))
        process.start()
        numbers: list[int] = []
        end = time.monotonic() + 0.15
        while time.monotonic() < end or not done.value:
            frames = reader.read()
            numbers += [int(frame.data.partition(b":")[0]) for frame in frames]
            if frames:
                reader.cut(frames[-1].end)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        finished = done.value
        while frames := reader.read():
            assert all(frame.kind is Kind.ITEM for frame in frames)
            numbers += [int(frame.data.partition(b":")[0]) for frame in frames]
            reader.cut(frames[-1].end)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) in (finished, finished + 1)


def test_what_another_writer_wrote_across_where_one_ended_before_a_cut_is_kept(tmp_path):
    path = tmp_path / "s"
    one, other, reader = Writer(path), Writer(path), Reader(path)
    one.append([(Kind.ITEM, b"short")])
    (frame,) = reader.read()
    reader.cut(frame.end)
    other.append([(Kind.ITEM, b"one that is longer than what stood there")])
    one.append([(Kind.ITEM, b"next")])
    assert [frame.data for frame in reader.read()] == [b"one that is longer than what stood there", b"next"]


def test_two_processes_append_while_a_third_cuts(tmp_path):
    path = tmp_path / "s"
    code = (
        "import sys; from pathlib import Path; from bridges.signal.spool import *; w = Writer(Path(sys.argv[1]))\n"
        "for n in range(2000): w.append([(Kind.ITEM, b'%s %d' % (sys.argv[2].encode(), n))])"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name], cwd=ROOT) for name in "ab"]
    reader, seen = Reader(path), {"a": [], "b": []}
    try:
        while True:
            over = all(writer.poll() is not None for writer in writers)
            frames = reader.read()
            for frame in frames:
                name, number = frame.data.decode().split()
                seen[name].append(int(number))
            if frames:
                reader.cut(frames[-1].end)
            elif over:
                break
            else:
                time.sleep(0.001)
    finally:
        for writer in writers:
            writer.wait(30)
    assert seen == {"a": list(range(2000)), "b": list(range(2000))}
    assert path.stat().st_size == 0


async def test_the_bell_wakes_at_once(tmp_path):
    path = tmp_path / "s"
    bell, ringer = Bell(path), Ringer(path)
    asyncio.get_running_loop().call_later(0.02, ringer.ring)
    began = time.monotonic()
    await bell.wait(5)
    assert time.monotonic() - began < 0.2
    ringer.ring()
    await asyncio.sleep(0.01)
    began = time.monotonic()
    await bell.wait(5)
    assert time.monotonic() - began < 0.1, "what rang before the wait counts"
    bell.close()
    for _ in range(70_000):
        ringer.ring()  # nobody hears: it neither waits nor fails
    again = Bell(path)
    ringer.ring()
    await again.wait(5)
    again.close()
    ringer.close()


def test_a_lock_is_one_holders_and_says_whose(tmp_path):
    mine, other = Lock(tmp_path / "s"), Lock(tmp_path / "s")
    assert not other.held()
    assert mine.take("bot")
    assert mine.take("bot")
    assert not other.take("listener")
    assert other.held()
    assert not mine.held()
    assert other.holder() == "bot"
    mine.free()
    assert other.take("listener")


class Mortal(Watch):
    def die(self):
        """What the kernel does for a process that was killed."""
        os.close(self._hold)


def begin(watch):
    """Connected: what was missed before."""
    gap = watch.gap()
    watch.connected()
    return gap


def test_of_two_that_begin_together_the_first_learns_of_the_absence_and_the_other_missed_nothing(tmp_path, monkeypatch):
    """After a power failure bot and listener start at once: whoever is connected first, the hours before are a gap."""
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    before = Mortal(tmp_path / "s")
    begin(before)
    before.die()
    now[0] = 9000.0
    first, second = Watch(tmp_path / "s"), Watch(tmp_path / "s")
    assert first.gap() == (1000.0, 9000.0)
    now[0] = 9001.0
    assert begin(second) is None, "the first one listens, and is just noting the gap"
    first.connected()
    now[0] = 9002.0
    second.alive()
    first.lost(heard=True)
    assert second.read().connected, "one that hands over does not speak for the other"
    now[0] = 9003.0
    second.lost(heard=True)
    third = Watch(tmp_path / "s")
    now[0] = 9004.0
    assert begin(third) == (9003.0, 9004.0)


def test_who_dies_before_the_gap_is_noted_leaves_it_to_the_next(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    for found in (None, (1000.0, 1500.0)):
        watch = Mortal(tmp_path / "s")
        assert begin(watch) == found
        watch.die()
        now[0] = 1500.0
    hasty = Mortal(tmp_path / "s")
    now[0] = 2000.0
    assert hasty.gap() == (1500.0, 2000.0)
    hasty.die()
    now[0] = 2001.0
    assert begin(Watch(tmp_path / "s")) == (1500.0, 2001.0)


def test_the_state_tells_a_dead_listeners_last_moment(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    watch = Mortal(tmp_path / "s")
    assert watch.read() is None
    assert begin(watch) is None, "before the first there is nothing to miss"
    now[0] = 1010.0
    watch.alive()
    now[0] = 1300.0  # killed; another one comes
    watch.die()
    other = Watch(tmp_path / "s")
    assert begin(other) == (1010.0, 1300.0)
    now[0] = 1350.0
    other.lost(heard=True)
    assert other.read() == State(False, 1350.0, 1350.0)
    now[0] = 1351.0
    assert begin(other) == (1350.0, 1351.0)
    now[0] = 1400.0
    other.lost(heard=False)
    assert other.read() == State(False, 1400.0, 1351.0)
    (tmp_path / "s.state").write_text("{nonsense")
    assert other.read() is None
