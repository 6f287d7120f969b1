"""The log: JSON for programs, colours for people."""

from __future__ import annotations

import json
import logging
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from points.cli.logs import set_up_logs
from points.settings import load_settings


@pytest.fixture(autouse=True)
def logs_as_they_were(folder: Path) -> Iterator[None]:
    """Takes back what a test has set up."""
    del folder
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


def line_of(capfd: pytest.CaptureFixture[str], **settings: Any) -> str:
    """Returns what is written for one line at each level."""
    flush = set_up_logs(load_settings(**settings))
    log = structlog.get_logger("test")
    for level in ("debug", "info", "warning", "error"):
        getattr(log, level)("happened", level_of_call=level)
    flush()
    return capfd.readouterr().err


def test_a_line_of_json_has_level_time_and_all_that_is_bound(
    capfd: pytest.CaptureFixture[str],
) -> None:
    flush = set_up_logs(load_settings(log_format="json"))
    structlog.get_logger("test").info("happened", member_id="alice")
    flush()

    line = json.loads(capfd.readouterr().err)

    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "happened", "level": "info", "member_id": "alice"}


def test_an_exception_is_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(load_settings(log_format="json"))
    structlog.get_logger("test").error("failed", exc_info=ValueError("why"))

    (line,) = capfd.readouterr().err.splitlines()

    assert "ValueError: why" in json.loads(line)["exception"]


def test_what_a_library_warns_of_is_a_line_like_all_others(
    capfd: pytest.CaptureFixture[str],
) -> None:
    set_up_logs(load_settings(log_format="json"))
    library = logging.getLogger("psycopg")
    library.info("not worth a line")
    library.warning("error ignored terminating %r", "pipeline")
    library.warning("%d of %d", "no number")
    library.error("failed", exc_info=ValueError("why"))

    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]

    assert [(line["level"], line["logger"], line["message"]) for line in lines] == [
        ("warning", "psycopg", "error ignored terminating 'pipeline'"),
        ("warning", "psycopg", "%d of %d"),
        ("error", "psycopg", "failed"),
    ]
    assert "ValueError: why" in lines[2]["exception"]


class Wordless:
    """Is a value of a plugin that cannot be shown."""

    def __repr__(self) -> str:
        """Raises RuntimeError."""
        raise RuntimeError


def test_what_is_no_json_is_told_all_the_same(
    capfd: pytest.CaptureFixture[str],
) -> None:
    set_up_logs(load_settings(log_format="json"))
    structlog.get_logger("test").error("failed", why="\udc80", of=Wordless(), a="b")

    line = json.loads(capfd.readouterr().err)

    assert (line["event"], line["level"], line["a"]) == ("failed", "error", "b")
    assert "udc80" in line["why"]
    assert "Wordless" in line["of"]


@pytest.mark.parametrize(
    ("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_the_level_leaves_lesser_lines_out(
    capfd: pytest.CaptureFixture[str], level: str, count: int
) -> None:
    written = line_of(capfd, log_format="json", log_level=level)

    assert len(written.splitlines()) == count


def test_people_get_no_json(capfd: pytest.CaptureFixture[str]) -> None:
    written = line_of(capfd, log_format="console", log_level="error")

    assert "happened" in written
    assert "{" not in written


def test_what_is_no_terminal_gets_json_by_itself(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert json.loads(line_of(capfd, log_level="error"))


def test_a_terminal_gets_no_json_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as reader, os.fdopen(theirs, "w") as writer:
        monkeypatch.setattr(sys, "stderr", writer)
        set_up_logs(load_settings())
        structlog.get_logger("test").error("happened")
        writer.flush()
        written = reader.read(1_000)

    assert b"happened" in written
    assert b"{" not in written
