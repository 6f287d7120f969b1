"""Reads the purchases of the CDNOW record shop from 1997 and 1998.

The package `lifetimes` ships them as a text file: one line for each purchase with
buyer, date, number of discs and dollars, sorted by buyer, then date. Several
purchases of a day, even equal ones, are separate lines and separate purchases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path


PACKAGE = "lifetimes"
LOG_FILE = Path("datasets", "CDNOW_master.txt")
CENTS_PER_POINT = 100


class PurchaseLogMissingError(Exception):
    """Says that the package with the purchases is not installed."""

    def __init__(self) -> None:
        """Builds the message."""
        super().__init__(
            "the purchases to replay are missing: install points-engine[demo]",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Is one purchase of one member.

    Attributes:
        member_id: Member who bought.
        request_id: Unique within the member; the same whenever the log is read.
        date: Day of the purchase.
        dollars_cents: What it cost, in cents, from zero.
        points: What it earns: one for each whole dollar, from zero.
    """

    member_id: str
    request_id: str
    date: date
    dollars_cents: int
    points: int


def read_purchases(*, limit: int | None = None) -> Iterator[Purchase]:
    """Yields the purchases in the order of the log.

    Args:
        limit: Only so many, from zero; None means all 69,659.

    Raises:
        PurchaseLogMissingError: The extra `demo` is not installed.
    """
    with purchase_log_path().open(encoding="ascii") as log:
        yield from islice(parse_purchases(log), limit)


def purchase_log_path() -> Path:
    """Returns where the log lies, without importing what the package brings along.

    Raises:
        PurchaseLogMissingError: The extra `demo` is not installed.
    """
    package = find_spec(PACKAGE)
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        path = Path(folder, LOG_FILE)
        if path.is_file():
            return path
    raise PurchaseLogMissingError


def parse_purchases(lines: Iterable[str]) -> Iterator[Purchase]:
    """Yields the purchases of a log, whose first line is a heading."""
    purchases_of_day: Counter[tuple[str, str]] = Counter()
    for line in islice(lines, 1, None):
        buyer, day, _discs, dollars = line.split()
        purchases_of_day[buyer, day] += 1
        cents = _cents(dollars)
        yield Purchase(
            member_id=f"cdnow-{buyer}",
            request_id=f"purchase-{day}-{purchases_of_day[buyer, day]}",
            date=date.fromisoformat(day),
            dollars_cents=cents,
            points=cents // CENTS_PER_POINT,
        )


def _cents(dollars: str) -> int:
    """Returns the cents of a text that always has two decimals, such as 11.77."""
    whole, decimals = dollars.split(".")
    return int(whole) * 100 + int(decimals)
