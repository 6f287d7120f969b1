"""Two members who become one: their days are united, and nothing is paid again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from msgspec.structs import replace

from points.plugin import Collection, Context, OnFailure, Reaction, Recorded
from points_checkin.calendar import CALENDARS, NEW, SNAPSHOTS, Calendar, Receipt
from points_checkin.receipts import RECEIPTS
from points_checkin.rewards import final
from points_checkin.spans import united
from points_checkin.zones import NOT_ZONED


T = TypeVar("T")

RECEIPTS_MAX: Final = 400
"""Most receipts that go along, the first ones: a call changes no more documents."""


def merge(ctx: Context, recorded: Recorded) -> None:
    """Gives the calendars of a member who was merged to the one who goes on.

    What was taken back can no longer be put back: that was another calendar.
    """
    goes_on, ended = recorded.member_id, recorded.counterparty
    for name, calendar in _taken(ctx, CALENDARS, ended):
        mine = ctx.state.get(CALENDARS, goes_on, name) or NEW
        ctx.state.put(CALENDARS, goes_on, one_calendar(mine, calendar), name)
        ctx.state.delete(SNAPSHOTS, goes_on, name)
    # Read at once: one by one, each would have the merge begun again.
    ctx.state.list(RECEIPTS, goes_on, limit=RECEIPTS_MAX)
    for key, receipt in _taken(ctx, RECEIPTS, ended):
        if ctx.state.get(RECEIPTS, goes_on, key) is None:
            ctx.state.put(RECEIPTS, goes_on, _final(receipt), key)
    for _ in _taken(ctx, SNAPSHOTS, ended):
        continue


def one_calendar(mine: Calendar, other: Calendar) -> Calendar:
    """Returns the calendar of both: a day counts once, and so does a milestone.

    The rules and the zone are those of the first, if it has any.
    """
    known = {(each.name, each.counted) for each in mine.granted}
    more = [
        one._replace(given=final(one.given))
        for one in other.granted
        if (one.name, one.counted) not in known
    ]
    month = max(mine.make_up_month, other.make_up_month)
    counts = [
        each.make_up_count for each in (mine, other) if each.make_up_month == month
    ]
    return replace(
        mine,
        version=mine.version or other.version,
        spans=united(mine.spans, other.spans),
        freezes=tuple(sorted((*mine.freezes, *other.freezes))),
        zoned=other.zoned if mine.zoned == NOT_ZONED else mine.zoned,
        granted=(*mine.granted, *more),
        make_up_month=month,
        make_up_count=sum(counts),
        latest=_later(mine.latest, other.latest and _final(other.latest)),
    )


def _final(receipt: Receipt) -> Receipt:
    """Returns a receipt of what belongs to a member who has ended."""
    return receipt._replace(given=final(receipt.given), paid=final(receipt.paid))


def _later(mine: Receipt | None, other: Receipt | None) -> Receipt | None:
    """Returns the receipt of the later day; of one day, that of the first."""
    found = [each for each in (mine, other) if each is not None]
    return max(found, key=lambda each: each.day) if found else None


def _taken(
    ctx: Context, collection: Collection[T], owner: str
) -> Iterator[tuple[str, T]]:
    """Yields the documents of an owner, each one gone by then."""
    for key, document in ctx.state.list(collection, owner, limit=RECEIPTS_MAX):
        ctx.state.delete(collection, owner, key)
        yield key, document


MERGING: Final = Reaction(
    name="merge",
    kinds=frozenset({"MERGE_IN"}),
    handler=merge,
    on_failure=OnFailure.ABORT,
)
