"""Holds on the wire: what each call answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep, time_ns

import pytest

from points.client import PointsClient, to_timestamp
from points.client.connection import Connection
from points.v1 import hold_pb2 as pb
from points.v1 import transaction_pb2
from points.v1.hold_pb2 import Hold
from points.v1.lot_pb2 import LotDraw
from points.v1.transaction_pb2 import Posting, Transaction
from tests.server import build


NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)


def wait_for(hold: Hold) -> None:
    """Returns once a hold has lapsed."""
    lapse_ns = hold.lapse_time.ToNanoseconds()
    sleep(max(0, lapse_ns - time_ns()) / 1e9 + 0.002)


def test_place_hold_answers_with_the_transaction_and_the_hold(
    stubs: Connection, member: str
) -> None:
    expiring = build.earn(member, 30, expire_time=to_timestamp(NEXT_YEAR))
    first = stubs.ledger.Earn(expiring).transaction.lots[0]
    second = stubs.ledger.Earn(build.earn(member, 30)).transaction.lots[0]
    request = build.place_hold(
        member,
        sink="donation",
        lapse_time=to_timestamp(NEXT_YEAR),
        on_timeout=pb.TIMEOUT_ACTION_CAPTURE,
        freeze_expiry=True,
        metadata={"lot": "7"},
    )

    answer = stubs.ledger.PlaceHold(request)

    given = answer.transaction
    draws = [
        LotDraw(lot_id=first.lot_id, points=30, expire_time=to_timestamp(NEXT_YEAR)),
        LotDraw(lot_id=second.lot_id, points=10),
    ]
    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_HOLD,
        member_id=member,
        postings=[
            Posting(
                source=f"member:{member}",
                destination=f"held:{member}",
                unit="points",
                points=40,
            )
        ],
        balance_after=20,
        reason="bid",
        channel="core",
        metadata={"lot": "7"},
        effective_time=given.record_time,
        record_time=given.record_time,
        draws=draws,
        request_id=request.request_id,
        hold_id=answer.hold.hold_id,
    )
    assert answer.hold == Hold(
        hold_id=answer.hold.hold_id,
        member_id=member,
        unit="points",
        points=40,
        open_points=40,
        state=Hold.STATE_OPEN,
        place_time=given.record_time,
        lapse_time=to_timestamp(NEXT_YEAR),
        on_timeout=pb.TIMEOUT_ACTION_CAPTURE,
        freeze_expiry=True,
        draws=draws,
        reason="bid",
        transaction_id=given.transaction_id,
        sink="donation",
        metadata={"lot": "7"},
        update_time=given.record_time,
    )


def test_capture_hold_answers_with_what_was_burned(
    stubs: Connection, saver: str, held: Hold
) -> None:
    request = build.capture_hold(
        saver, hold_id=held.hold_id, points=15, sink="donation", reason="won"
    )

    answer = stubs.ledger.CaptureHold(request)

    given = answer.transaction
    lot_id = held.draws[0].lot_id
    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_CAPTURE,
        member_id=saver,
        postings=[
            Posting(
                source=f"held:{saver}",
                destination="burn:donation",
                unit="points",
                points=15,
            )
        ],
        balance_after=60,
        reason="won",
        channel="core",
        effective_time=given.record_time,
        record_time=given.record_time,
        draws=[LotDraw(lot_id=lot_id, points=15)],
        request_id=request.request_id,
        hold_id=held.hold_id,
    )
    expected = Hold()
    expected.CopyFrom(held)
    expected.open_points, expected.captured_points = 25, 15
    expected.update_time.CopyFrom(given.record_time)
    assert answer.hold == expected


def test_capture_hold_may_void_the_rest(
    stubs: Connection, saver: str, held: Hold
) -> None:
    answer = stubs.ledger.CaptureHold(
        build.capture_hold(saver, hold_id=held.hold_id, points=15, void_rest=True)
    )

    assert [draw.points for draw in answer.transaction.draws] == [15]
    assert [draw.points for draw in answer.transaction.returns] == [25]
    shown = answer.hold
    assert (shown.state, shown.open_points) == (Hold.STATE_CAPTURED, 0)
    assert (shown.captured_points, shown.voided_points) == (15, 25)


def test_void_hold_answers_with_what_came_back(
    stubs: Connection, saver: str, held: Hold
) -> None:
    answer = stubs.ledger.VoidHold(build.void_hold(saver, hold_id=held.hold_id))

    assert answer.transaction.kind == transaction_pb2.TRANSACTION_KIND_VOID
    assert list(answer.transaction.returns) == list(held.draws)
    assert answer.transaction.balance_after == 100
    assert (answer.hold.state, answer.hold.voided_points) == (Hold.STATE_VOIDED, 40)


def test_get_hold_answers_with_the_hold_as_it_is(
    client: PointsClient, saver: str, held: Hold
) -> None:
    captured = client.capture_hold(saver, held.hold_id, points=15).hold

    assert client.get_hold(held.hold_id).hold == captured


def test_list_holds_answers_with_the_latest_first(
    client: PointsClient, saver: str, held: Hold
) -> None:
    later = client.place_hold(saver, 5, reason="bid").hold
    client.void_hold(saver, client.place_hold(saver, 5, reason="bid").hold.hold_id)

    assert list(client.list_holds(saver, page_size=1)) == [later, held]


def test_list_holds_shows_the_states_that_are_asked_for(
    client: PointsClient, saver: str, held: Hold
) -> None:
    voided = client.void_hold(saver, held.hold_id).hold

    assert list(client.list_holds(saver)) == []
    assert list(client.list_holds(saver, states=[Hold.STATE_VOIDED])) == [voided]
    assert list(client.list_holds(saver, states=[Hold.STATE_CAPTURED])) == []
    assert (
        list(client.list_holds(saver, unit="miles", states=[Hold.STATE_VOIDED])) == []
    )


@pytest.mark.parametrize(
    ("action", "burned", "available"),
    [(pb.TIMEOUT_ACTION_VOID, 0, 100), (pb.TIMEOUT_ACTION_CAPTURE, 40, 60)],
)
def test_a_lapsed_hold_is_never_shown(
    client: PointsClient,
    saver: str,
    action: pb.TimeoutAction.ValueType,
    burned: int,
    available: int,
) -> None:
    placed = client.place_hold(
        saver,
        40,
        reason="bid",
        timeout=timedelta(milliseconds=50),
        on_timeout=action,
    ).hold
    wait_for(placed)

    (balances,) = client.get_balances(saver).balances
    (lot,) = client.list_lots(saver)
    shown = client.get_hold(placed.hold_id).hold
    assert (balances.held, balances.available) == (0, available)
    assert balances.lifetime_burned == burned
    assert (lot.held_points, lot.remaining_points) == (0, available)
    assert (shown.state, shown.open_points) == (Hold.STATE_LAPSED, 0)
    assert (shown.captured_points, shown.voided_points) == (burned, 40 - burned)
    assert shown.update_time == shown.lapse_time
    assert list(client.list_holds(saver)) == []


def test_the_lapse_is_a_transaction_without_a_request_id(
    client: PointsClient, saver: str
) -> None:
    placed = client.place_hold(
        saver, 40, reason="bid", timeout=timedelta(milliseconds=50)
    ).hold
    wait_for(placed)
    client.burn(saver, 100, reason="reward")

    _, lapse, *_ = client.list_transactions(saver)
    assert lapse.kind == transaction_pb2.TRANSACTION_KIND_LAPSE
    assert (lapse.request_id, lapse.hold_id) == ("", placed.hold_id)
    assert lapse.effective_time == placed.lapse_time


def test_balances_and_lots_show_what_is_held(
    client: PointsClient, saver: str, held: Hold
) -> None:
    (balances,) = client.get_balances(saver).balances
    (lot,) = client.list_lots(saver)

    assert (balances.available, balances.held) == (60, held.open_points)
    assert (lot.remaining_points, lot.held_points) == (60, 40)


def test_the_trial_balance_sums_what_members_hold(
    client: PointsClient, held: Hold
) -> None:
    answer = client.get_trial_balance(unit=held.unit)

    names = [line.account for line in answer.lines]
    assert ("held" in names, [n for n in names if n.startswith("held:")]) == (True, [])
    assert answer.balanced


def test_a_repeated_place_gets_the_hold_as_it_was_placed(
    stubs: Connection, saver: str
) -> None:
    request = build.place_hold(saver)
    first = stubs.ledger.PlaceHold(request)
    stubs.ledger.VoidHold(build.void_hold(saver, hold_id=first.hold.hold_id))

    again = stubs.ledger.PlaceHold(request)

    assert (again.replayed, again.hold) == (True, first.hold)


def test_a_repeated_capture_gets_the_hold_as_it_left_it(
    stubs: Connection, saver: str, held: Hold
) -> None:
    request = build.capture_hold(saver, hold_id=held.hold_id, points=10)
    first = stubs.ledger.CaptureHold(request)
    stubs.ledger.VoidHold(build.void_hold(saver, hold_id=held.hold_id))

    again = stubs.ledger.CaptureHold(request)

    assert (again.replayed, again.hold) == (True, first.hold)


def test_a_place_that_is_only_validated_has_no_id(
    client: PointsClient, saver: str
) -> None:
    answer = client.place_hold(saver, 40, reason="bid", validate_only=True)

    ids = (answer.hold.hold_id, answer.hold.transaction_id, answer.transaction.hold_id)
    assert (ids, answer.hold.open_points) == (("", "", ""), 40)
    assert client.get_balances(saver).balances[0].held == 0


def test_a_capture_that_is_only_validated_leaves_the_hold(
    client: PointsClient, saver: str, held: Hold
) -> None:
    answer = client.capture_hold(saver, held.hold_id, validate_only=True)

    assert (answer.hold.hold_id, answer.hold.captured_points) == ("", 40)
    assert client.get_hold(held.hold_id).hold == held


def test_holds_are_commands_of_a_batch(
    stubs: Connection, saver: str, held: Hold
) -> None:
    answer = stubs.ledger.BatchWrite(
        build.batch(
            build.capture_hold(saver, hold_id=held.hold_id, points=10),
            build.void_hold(saver, hold_id=held.hold_id),
            build.place_hold(saver, 90),
            build.place_hold(saver, 1),
        )
    )

    kinds = [one.outcome.transaction.kind for one in answer.outcomes]
    assert kinds == [
        transaction_pb2.TRANSACTION_KIND_CAPTURE,
        transaction_pb2.TRANSACTION_KIND_VOID,
        transaction_pb2.TRANSACTION_KIND_HOLD,
        transaction_pb2.TRANSACTION_KIND_UNSPECIFIED,
    ]
    assert answer.outcomes[3].outcome.refusal.reason == "INSUFFICIENT_POINTS"
