"""LedgerService: what each call answers when it says yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from points.client import PointsClient, to_timestamp
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as pb
from points.v1 import transaction_pb2
from points.v1.balances_pb2 import Activation, Balances, Expiration
from points.v1.lot_pb2 import Lot, LotDraw
from points.v1.transaction_pb2 import Posting, Transaction
from tests.server import build


YESTERDAY = datetime.now(UTC) - timedelta(days=1)
NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)
LATER = NEXT_YEAR + timedelta(days=1)


def test_earn_answers_with_the_whole_transaction(
    stubs: Connection, member: str
) -> None:
    request = build.earn(
        member,
        25,
        metadata={"order": "17"},
        effective_time=to_timestamp(YESTERDAY),
        expire_time=to_timestamp(LATER),
        activate_time=to_timestamp(NEXT_YEAR),
    )

    answer = stubs.ledger.Earn(request)

    given = answer.transaction
    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_EARN,
        member_id=member,
        postings=[
            Posting(
                source="issuance",
                destination=f"member:{member}",
                unit="points",
                points=25,
            )
        ],
        balance_after=25,
        reason="purchase",
        channel="core",
        metadata={"order": "17"},
        effective_time=to_timestamp(YESTERDAY),
        record_time=given.record_time,
        lots=[
            Lot(
                lot_id=given.lots[0].lot_id,
                member_id=member,
                unit="points",
                points=25,
                remaining_points=25,
                state=Lot.STATE_PENDING,
                earn_time=to_timestamp(YESTERDAY),
                activate_time=to_timestamp(NEXT_YEAR),
                expire_time=to_timestamp(LATER),
                transaction_id=given.transaction_id,
            )
        ],
        request_id=request.request_id,
    )


def test_burn_answers_with_the_whole_transaction(
    stubs: Connection, member: str
) -> None:
    expiring = build.earn(member, 30, expire_time=to_timestamp(NEXT_YEAR))
    lasting = stubs.ledger.Earn(build.earn(member, 30)).transaction.lots[0]
    first = stubs.ledger.Earn(expiring).transaction.lots[0]
    request = build.burn(member, 40, sink="donation", metadata={"cause": "trees"})

    answer = stubs.ledger.Burn(request)

    given = answer.transaction
    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_BURN,
        member_id=member,
        postings=[
            Posting(
                source=f"member:{member}",
                destination="burn:donation",
                unit="points",
                points=40,
            )
        ],
        balance_after=20,
        reason="reward",
        channel="core",
        metadata={"cause": "trees"},
        effective_time=given.record_time,
        record_time=given.record_time,
        draws=[
            LotDraw(
                lot_id=first.lot_id, points=30, expire_time=to_timestamp(NEXT_YEAR)
            ),
            LotDraw(lot_id=lasting.lot_id, points=10),
        ],
        request_id=request.request_id,
    )


def test_a_transaction_is_recorded_now(stubs: Connection, member: str) -> None:
    before = datetime.now(UTC)

    answer = stubs.ledger.Earn(build.earn(member))

    recorded = answer.transaction.record_time.ToDatetime(UTC)
    assert before <= recorded <= datetime.now(UTC)


def test_a_burn_without_a_sink_goes_to_redemption(
    stubs: Connection, saver: str
) -> None:
    answer = stubs.ledger.Burn(build.burn(saver))

    assert answer.transaction.postings[0].destination == "burn:redemption"


def test_an_activation_in_the_past_is_at_once(stubs: Connection, member: str) -> None:
    past = to_timestamp(YESTERDAY)

    (lot,) = stubs.ledger.Earn(build.earn(member, activate_time=past)).transaction.lots

    assert lot.state == Lot.STATE_AVAILABLE
    assert not lot.HasField("activate_time")


def test_get_balances_tells_everything_about_each_unit(
    stubs: Connection, member: str
) -> None:
    stubs.ledger.Earn(build.earn(member, 50, expire_time=to_timestamp(NEXT_YEAR)))
    stubs.ledger.Earn(build.earn(member, 7, activate_time=to_timestamp(NEXT_YEAR)))
    stubs.ledger.Earn(build.earn(member, 3, unit="miles"))
    stubs.ledger.Burn(build.burn(member, 20))

    answer = stubs.ledger.GetBalances(pb.GetBalancesRequest(member_id=member))

    assert list(answer.balances) == [
        Balances(unit="miles", available=3, lifetime_earned=3),
        Balances(
            unit="points",
            available=30,
            pending=7,
            lifetime_earned=57,
            lifetime_burned=20,
            next_expirations=[
                Expiration(expire_time=to_timestamp(NEXT_YEAR), points=30)
            ],
            next_activations=[
                Activation(activate_time=to_timestamp(NEXT_YEAR), points=7)
            ],
        ),
    ]


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("", []), ("miles", [Balances(unit="miles")])],
    ids=["all units", "one unit"],
)
def test_a_unit_without_points_is_shown_when_it_is_asked_for(
    stubs: Connection, member: str, unit: str, shown: list[Balances]
) -> None:
    request = pb.GetBalancesRequest(member_id=member, unit=unit)

    assert list(stubs.ledger.GetBalances(request).balances) == shown


def test_balances_of_one_unit_leave_the_others_out(
    stubs: Connection, saver: str
) -> None:
    stubs.ledger.Earn(build.earn(saver, 3, unit="miles"))
    request = pb.GetBalancesRequest(member_id=saver, unit="miles")

    (balances,) = stubs.ledger.GetBalances(request).balances

    assert balances == Balances(unit="miles", available=3, lifetime_earned=3)


def test_next_expirations_are_the_first_ten(stubs: Connection, member: str) -> None:
    ends = [NEXT_YEAR + timedelta(days=day) for day in range(11)]
    stubs.ledger.BatchWrite(
        build.batch(
            *(build.earn(member, 1, expire_time=to_timestamp(end)) for end in ends)
        )
    )

    answer = stubs.ledger.GetBalances(pb.GetBalancesRequest(member_id=member))

    assert list(answer.balances[0].next_expirations) == [
        Expiration(expire_time=to_timestamp(end), points=1) for end in ends[:10]
    ]


def test_list_lots_answers_in_the_order_of_drawing(
    client: PointsClient, member: str
) -> None:
    lasting = client.earn(member, 1, reason="a").transaction.lots[0]
    late = client.earn(member, 2, reason="b", expire_time=LATER).transaction.lots[0]
    soon = client.earn(member, 3, reason="c", expire_time=NEXT_YEAR).transaction.lots[0]

    assert list(client.list_lots(member)) == [soon, late, lasting]


def test_drawn_lots_are_listed_when_they_are_asked_for(
    client: PointsClient, member: str
) -> None:
    (lot,) = client.earn(member, 5, reason="a").transaction.lots
    client.burn(member, 5, reason="b")

    lot.remaining_points = 0
    lot.state = Lot.STATE_DRAWN
    assert list(client.list_lots(member)) == []
    assert list(client.list_lots(member, show_closed=True)) == [lot]


def test_lots_of_one_unit_leave_the_others_out(
    client: PointsClient, saver: str
) -> None:
    lots = client.earn(saver, 3, reason="a", unit="miles").transaction.lots

    assert list(client.list_lots(saver, unit="miles")) == list(lots)


def test_get_transaction_answers_with_what_was_recorded(
    client: PointsClient, saver: str
) -> None:
    burned = client.burn(saver, 40, reason="reward", metadata={"a": "b"}).transaction

    answer = client.get_transaction(burned.transaction_id)

    assert answer.transaction == burned


def test_list_transactions_answers_with_the_latest_first(
    client: PointsClient, member: str
) -> None:
    earned = client.earn(member, 10, reason="a").transaction
    burned = client.burn(member, 4, reason="b").transaction

    assert list(client.list_transactions(member)) == [burned, earned]


def test_list_transactions_leaves_refusals_out(
    client: PointsClient, stubs: Connection, member: str
) -> None:
    refused = build.batch(build.burn(member, 1))
    stubs.ledger.BatchWrite(refused)

    assert list(client.list_transactions(member)) == []


def test_record_times_of_a_member_never_decrease(
    client: PointsClient, member: str
) -> None:
    commands = build.batch(*(build.earn(member) for _ in range(20))).commands
    client.batch_write(commands)

    times = [
        transaction.record_time.ToNanoseconds()
        for transaction in client.list_transactions(member)
    ]

    assert times == sorted(times, reverse=True)


def test_get_outcome_finds_a_transaction(client: PointsClient, member: str) -> None:
    earned = client.earn(member, 10, reason="a", request_id="r").transaction

    outcome = client.get_outcome(member, "r").outcome

    assert outcome.transaction == earned
    assert outcome.record_time == earned.record_time
    assert (outcome.member_id, outcome.request_id) == (member, "r")


def test_get_outcome_finds_a_member(client: PointsClient, stranger: str) -> None:
    created = client.create_member(stranger, request_id="r").member

    assert client.get_outcome(stranger, "r").outcome.member == created


def test_get_trial_balance_sums_each_unit_to_zero(
    client: PointsClient, saver: str
) -> None:
    client.burn(saver, 40, reason="reward", sink="donation")

    answer = client.get_trial_balance(unit="points")

    assert sum(line.points for line in answer.lines) == 0
    assert answer.balanced


def test_the_trial_balance_has_a_line_for_each_account_and_unit(
    client: PointsClient, saver: str
) -> None:
    client.burn(saver, 40, reason="reward", sink="donation")
    client.earn(saver, 1, reason="flight", unit="miles")

    lines = {(line.unit, line.account) for line in client.get_trial_balance().lines}

    assert lines >= {
        ("points", "burn:donation"),
        ("points", "issuance"),
        ("points", "member"),
        ("miles", "issuance"),
        ("miles", "member"),
    }


def test_the_trial_balance_of_one_unit_leaves_the_others_out(
    client: PointsClient, saver: str
) -> None:
    client.earn(saver, 1, reason="flight", unit="miles")

    lines = client.get_trial_balance(unit="miles").lines

    assert {line.unit for line in lines} == {"miles"}
