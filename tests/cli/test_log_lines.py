"""Lines of the log: urgent ones at once, the rest together, all in their order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import BinaryIO

import pytest
from typing_extensions import Buffer

from points.cli import log_lines
from points.cli.log_lines import ConsoleLines, LogLines


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has urgent lines wait for a file as long as a slow machine may take."""
    monkeypatch.setattr(log_lines, "PATIENCE_SECONDS", 60)


class Written(BytesIO):
    """Is a file that tells when it was written, and counts how often."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = Event()
        self.count = 0

    def flush(self) -> None:
        """Counts what would be a system call."""
        self.count += 1
        self.happened.set()


def test_a_line_that_is_not_urgent_is_written_soon_by_itself() -> None:
    file = Written()
    LogLines(file).info(b"one")

    assert file.happened.wait(10)
    assert file.getvalue() == b"one\n"


def test_many_lines_are_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "LATE_SECONDS", 60)
    file = Written()
    lines = LogLines(file)
    for number in range(100):
        lines.info(b"%d" % number)
    lines.flush()

    assert file.getvalue().split() == [b"%d" % number for number in range(100)]
    assert file.count == 1


def test_an_urgent_line_is_written_at_once_behind_all_before_it() -> None:
    file = Written()
    lines = LogLines(file)
    lines.info(b"before")
    lines.error(b"urgent")

    assert file.getvalue() == b"before\nurgent\n"


class Broken(Written):
    """Is a file that cannot be written the first time."""

    def write(self, text: Buffer, /) -> int:
        """Raises OSError at first."""
        if not self.count:
            self.count = 1
            raise BrokenPipeError
        return super().write(text)


def test_a_write_that_fails_does_not_end_all_others() -> None:
    file = Broken()
    lines = LogLines(file)
    lines.info(b"lost")
    while not file.count:
        sleep(0.001)
    lines.info(b"written")

    assert file.happened.wait(10)
    assert file.getvalue() == b"written\n"


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_who_logs_is_not_told_that_a_file_takes_nothing(level: str) -> None:
    closed = Written()
    closed.close()
    lines = LogLines(closed)
    with Path("/dev/full").open("wb", buffering=0) as full:
        people = ConsoleLines(full)
        getattr(lines, level)(b"lost")
        getattr(people, level)("lost")
        lines.flush()
        people.flush()


@pytest.fixture
def unread() -> Iterator[tuple[BinaryIO, int]]:
    """Yields what writes to a pipe that nobody reads, and the end to read from."""
    reading, writing = os.pipe()
    with open(writing, "wb", buffering=0) as file:  # noqa: PTH123 - it has no path
        yield file, reading
    os.close(reading)


def test_a_pipe_that_nobody_reads_holds_nobody_up(
    unread: tuple[BinaryIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "PATIENCE_SECONDS", 0.1)
    lines = LogLines(unread[0])
    for _ in range(1_000):
        lines.error(b"x" * 1_000)

    assert os.read(unread[1], 1 << 20).startswith(b"x" * 1_000)


def test_an_urgent_line_does_not_wait_for_those_that_come_behind_it() -> None:
    file = Written()
    lines, over = LogLines(file), Event()

    def chatter() -> None:
        while not over.is_set():
            lines.info(b"x" * 100)

    talking = Thread(target=chatter)
    talking.start()
    for number in range(5):
        lines.error(b"urgent %d" % number)
        assert b"urgent %d" % number in file.getvalue()
    over.set()
    talking.join()


def test_lines_come_out_once_a_pipe_is_read_again(
    unread: tuple[BinaryIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "PATIENCE_SECONDS", 0.1)
    lines = LogLines(unread[0])
    for number in range(100):
        lines.error(b"%d %s" % (number, b"x" * 1_000))
    found = b""
    while found.count(b"\n") < 100:
        found += os.read(unread[1], 1 << 16)

    assert [line.split()[0] for line in found.splitlines()] == [
        b"%d" % number for number in range(100)
    ]


def test_lines_for_people_are_written_at_once_whatever_is_in_them() -> None:
    file = Written()
    ConsoleLines(file).info("half of a character: \ud83d")

    assert file.getvalue() == b"half of a character: \\ud83d\n"


def test_an_urgent_line_behind_one_that_was_lost_is_written() -> None:
    file = Broken()
    lines = LogLines(file)
    lines.warning(b"lost")
    lines.error(b"written")

    assert file.getvalue() == b"written\n"


def test_no_line_of_many_threads_is_lost_or_torn() -> None:
    file = Written()
    lines = LogLines(file)

    def write(name: int) -> None:
        for number in range(200):
            (lines.warning if number % 50 == 0 else lines.info)(
                b"%d-%d" % (name, number)
            )

    threads = [Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines.flush()

    expected = sorted(b"%d-%d" % (name, n) for name in range(4) for n in range(200))
    assert sorted(file.getvalue().split()) == expected
