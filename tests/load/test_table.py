"""What the benchmark's table makes of measurements, and of the rows of a ledger."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.load.bare import bare_rows, insert_rows
from tests.load.compared import Compared, Speed
from tests.load.ledger_bench import running_ledger
from tests.load.plot import Point, draw


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
