"""Lines of the log: urgent ones at once, the rest together, all in their order."""

from __future__ import annotations

from io import BytesIO, StringIO
from threading import Event, Thread
from time import sleep

import pytest
from typing_extensions import Buffer

from points.cli import log_lines
from points.cli.log_lines import ConsoleLines, LogLines


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


class Full(StringIO):
    """Is a terminal that takes nothing, like a disk that is full."""

    def write(self, text: str, /) -> int:
        """Raises OSError."""
        raise OSError(28, text)


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_who_logs_is_not_told_that_a_file_takes_nothing(level: str) -> None:
    closed, full = Written(), Full()
    closed.close()
    lines, people = LogLines(closed), ConsoleLines(full)
    getattr(lines, level)(b"lost")
    getattr(people, level)("lost")
    lines.flush()
    people.flush()

    assert not full.getvalue()


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
