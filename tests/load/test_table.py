"""What the benchmark's table makes of measurements, and of the rows of a ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.progress import Progress

from tests.load.bare import bare_rows, insert_rows
from tests.load.compared import Compared, Speed
from tests.load.ledger_bench import running_ledger
from tests.load.plot import Point, draw
from tests.load.rows import Bed
from tests.load.table import Found, Pace, measure


def speeds(*rates: float) -> list[Speed]:
    """Returns speeds at these rates."""
    return [Speed(rate, cpu=1e6 / rate) for rate in rates]


def test_a_ratio_is_the_median_of_pairs_and_not_of_medians() -> None:
    compared = Compared("this", "that", "SQLite")
    rates = {"this": iter(speeds(50, 100, 900)), "that": iter(speeds(100, 100, 1_000))}

    compared.measure(3, lambda: next(rates["this"]), lambda: next(rates["that"]))

    assert compared.ratio == 0.9
    assert compared.cpu_ratio == pytest.approx(0.9)


def test_both_sides_take_turns_at_being_first() -> None:
    seen: list[str] = []

    def measure(name: str) -> Speed:
        seen.append(name)
        return Speed(1.0)

    Compared("this", "that", "SQLite").measure(
        2, lambda: measure("this"), lambda: measure("that")
    )

    assert seen == ["that", "this", "this", "that"]


def test_what_has_no_time_left_is_measured_once() -> None:
    compared = Compared("this", "that", "SQLite")

    compared.measure(9, lambda: Speed(2.0), lambda: Speed(1.0), until=time.monotonic())

    assert (len(compared.of_this), compared.ratio) == (1, 2.0)


def found_within(seconds: float, bed: Bed) -> Found:
    """Returns what is found of three rows, of which the first one fails."""
    found = Found({})
    pace = Pace(Progress(disable=True), 3)
    pace.share(3, time.monotonic() + seconds, of=1)
    for row in ("earn", "grown", "hot"):
        measure(found, bed, row, pace)
    return found


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    """Yields what can be measured nowhere: nothing is there to serve from."""

    def new_url(name: str) -> str:
        raise LookupError(name)

    with ExitStack() as stack:
        yield Bed("SQLite", tmp_path, stack, new_url, calls=1, rounds=1)


def test_a_row_that_fails_does_not_keep_the_others_from_being_measured(
    bed: Bed,
) -> None:
    found = found_within(60, bed)

    failed = "(LookupError('plain'))"
    assert found.broken == [f"SQLite: earn {failed}", f"SQLite: hot {failed}"]
    assert found.left_out == []
    assert bed.until < time.monotonic() + 61


def test_rows_for_which_no_time_is_left_are_told(bed: Bed) -> None:
    found = found_within(-1, bed)

    assert found.left_out == ["SQLite: earn", "SQLite: grown", "SQLite: hot"]
    assert found.broken == []


def test_each_database_has_its_share_of_the_time() -> None:
    pace, now = Pace(Progress(disable=True), 8), time.monotonic()

    pace.share(4, now + 800, of=2)
    first = pace.begin("SQLite: earn")
    pace.share(4, now + 800, of=1)
    second = pace.begin("PostgreSQL: earn")

    assert first == pytest.approx(now + 100, abs=5)
    assert second == pytest.approx(now + 200, abs=5)


def test_processor_time_that_nobody_knows_makes_no_ratio() -> None:
    compared = Compared("this", "that", "PostgreSQL")
    compared.measure(1, lambda: Speed(2.0, cpu=1.0), lambda: Speed(1.0))

    assert (compared.ratio, compared.cpu_ratio) == (2.0, None)


def test_a_plot_has_a_line_for_each_rate_and_latency() -> None:
    points = [Point(100, 100, 1, 2), Point(200, 150, 10, 90)]

    drawn = ET.fromstring(draw({"SQLite": points}))  # noqa: S314 - our own

    lines = [e for e in drawn.iter() if e.get("stroke") == "#1f6fb4"]
    assert len(lines) == 3
    assert "SQLite p99" in [e.text for e in drawn.iter()]


def test_the_rows_of_a_ledger_can_be_inserted_again(tmp_path: Path) -> None:
    first, second = (f"sqlite:///{tmp_path / name}.db" for name in ("a", "b"))
    with running_ledger(first) as ledger:
        ledger.create("ada", "bob")
        ledger.carry_out(ledger.earns(["ada", "bob"], 5, lots=3))
        rows = bare_rows(first, 100)

    insert_rows(second, rows, 4)

    assert len(rows) == 6
    assert sorted(bare_rows(second, 100)) == sorted(rows)
