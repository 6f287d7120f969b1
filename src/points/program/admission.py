"""Whether an activity may earn under a document at all."""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.activities import Activity, Item
from points.domain.calendar.zones import local_date
from points.domain.refusals import InvalidArgument
from points.program.cel.costs import ITEMS_MAX
from points.program.document.root import ProgramDocument


def check_activity(document: ProgramDocument, activity: Activity, now: int) -> None:
    """Raises InvalidArgument that names each field that is wrong.

    Nothing is from the future, or from before the lateness of the program; money
    has a rate, quantities are at least one, and names are those of the document.
    """
    found = [*_times(document, activity, now), *_money(document, activity)]
    if activity.sub_program or activity.partner:
        found += _names(document, activity)
    if activity.items or activity.quantity < 1:
        found += _items(activity)
    if found:
        raise InvalidArgument(dict(found))


def _times(
    document: ProgramDocument, activity: Activity, now: int
) -> Iterator[tuple[str, str]]:
    if activity.occur_time > now:
        yield "occur_time", "must not lie in the future"
    if document.lateness is None:
        return
    try:
        oldest = document.lateness.before(local_date(now, document.zone))
    except OverflowError:
        return
    if local_date(activity.occur_time, document.zone) < oldest:
        yield "occur_time", f"must not be before {oldest}: lateness ends there"


def _money(document: ProgramDocument, activity: Activity) -> Iterator[tuple[str, str]]:
    if activity.money < 0:
        yield "money", "must not be below zero: a return is a reverse"
    if document.money is None:
        if activity.money or activity.currency:
            yield "currency", "must be left out: the program has no money"
        return
    money, currency = document.money, activity.currency
    if currency not in ("", money.currency) and currency not in money.rates:
        yield "currency", f"{activity.currency[:8]!r} has no rate in money.rates"


def _names(document: ProgramDocument, activity: Activity) -> Iterator[tuple[str, str]]:
    if activity.sub_program and activity.sub_program not in document.sub_programs:
        yield "sub_program", "is not in the program's sub_programs"
    if activity.partner and activity.partner not in document.partners:
        yield "partner", "is not in the program's partners"


def _items(activity: Activity) -> Iterator[tuple[str, str]]:
    if activity.quantity < 1:
        yield "quantity", f"must be at least 1, not {activity.quantity}"
    if len(activity.items) > ITEMS_MAX:
        yield "items", f"must be at most {ITEMS_MAX}, not {len(activity.items)}"
        return
    if not activity.items:
        return
    for number, item in enumerate(activity.items):
        yield from _item(f"items[{number}]", item)
    ids = [item.id for item in activity.items]
    if len(set(ids)) < len(ids):
        yield "items", "must have ids of their own"
    if sum(item.money for item in activity.items) > activity.money:
        yield "items", "must not have more money than the activity"


def _item(field: str, item: Item) -> Iterator[tuple[str, str]]:
    if item.quantity < 1:
        yield f"{field}.quantity", f"must be at least 1, not {item.quantity}"
    if item.money < 0:
        yield f"{field}.money", "must not be below zero"
