"""Two members who become one: their days, receipts and milestones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from plugins.checkin.tests.members import campaign, check_in, streak

from points.testing import Bench
from points_checkin.calendar import Calendar, Receipt
from points_checkin.merging import one_calendar
from points_checkin.rewards import Granted
from points_checkin.spans import Mark, Spans, mark_of, marked, united
from points_checkin.v1 import checkin_service_pb2 as pb
from tests.store.build import statements


def test_the_days_of_both_are_one_streak(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    for name in ("alice", "bob"):
        bench.member(name)
    for name in ("bob", "alice", "bob"):
        bench.call(pb.CheckInRequest(member_id=name))
        bench.clock.advance(days=1)

    bench.merge("bob", "alice")

    assert streak(bench).streak.count == 3
    assert check_in(bench).streak.count == 4
    asked = pb.GetCalendarRequest(member_id="alice")
    assert sum(len(day.rewards) for day in bench.call(asked).days) == 4
    assert bench.available() == 20


def spans() -> st.SearchStrategy[Spans]:
    """Returns sets of days with marks."""
    days = st.dictionaries(st.integers(1, 30), st.sampled_from(list(Mark)))

    def of(found: dict[int, Mark]) -> Spans:
        made: Spans = ()
        for day, mark in found.items():
            made = marked(made, [day], mark)
        return made

    return days.map(of)


@given(spans(), spans())
def test_a_day_of_either_is_a_day_of_both(mine: Spans, other: Spans) -> None:
    both = united(mine, other)
    order = list(Mark)

    assert both == united(other, mine)
    for day in range(1, 31):
        found = [mark_of(each, day) for each in (mine, other)]
        known = sorted((each for each in found if each), key=order.index)
        assert mark_of(both, day) == (known[0] if known else None)


def test_a_milestone_that_either_has_got_is_got_once() -> None:
    mine = Calendar(granted=(Granted("week", 7, 10),), make_up_month=5, make_up_count=1)
    other = Calendar(
        version=3,
        granted=(Granted("week", 7, 12), Granted("month", 30, 40)),
        freezes=(4,),
        make_up_month=5,
        make_up_count=2,
    )

    both = one_calendar(mine, other)

    assert both.granted == (Granted("week", 7, 10), Granted("month", 30, 40))
    assert (both.version, both.freezes, both.make_up_count) == (3, (4,), 3)


def test_the_latest_receipt_is_that_of_the_later_day() -> None:
    early, late, other = (
        Receipt(day, by, 1, 1) for day, by in ((1, 1), (2, 2), (2, 3))
    )

    def latest(mine: Receipt | None, theirs: Receipt | None) -> Receipt | None:
        return one_calendar(Calendar(latest=mine), Calendar(latest=theirs)).latest

    assert latest(early, late) == latest(late, early) == latest(None, late) == late
    assert latest(late, other) == late
    assert latest(None, None) is None


def test_receipts_are_read_together_however_many_there_are(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    counts = []
    for name, days in (("bob", 2), ("carl", 12)):
        bench.member(name)
        for _ in range(days):
            bench.call(pb.CheckInRequest(member_id=name))
            bench.clock.advance(days=1)
        into = f"{name}-goes-on"
        bench.member(into)
        bench.call(pb.CheckInRequest(member_id=into))
        with statements(bench.engine.store.backend) as seen:
            bench.merge(name, into)
        counts.append(len(seen))

    assert counts[0] == counts[1]
