"""Reading for a batch: two rounds, a fixed number of statements, all that was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.commands import Command, Reads
from points.domain.commands.base import NO_READS
from points.domain.identity import Place
from points.domain.state import Found, OpenLots
from points.domain.values import Hold, Kind, Reversal
from points.engine.jobs import Routed
from points.engine.reading import read_stock
from points.engine.stock import Stock
from points.store.opening import Store
from points.store.writing.batch import Batch, open_batch
from tests.clock import NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    account,
    burn_record,
    create_member,
    hold,
    lot,
    member,
    record,
)
from tests.postgresql.proxy import TcpProxy
from tests.store.build import FRESH, Thing, changes, put, statements


ALL: Final[list[Thing]] = [
    FRESH,
    member(),
    account(),
    lot(),
    hold(lapse_time=NOON),
    Reversal(PART, 1, 5),
    record(),
]
"""Something for each table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Command):
    """Asks for what a test wants read."""

    kind: ClassVar[Kind] = Kind.REVERSE
    asked: Reads = NO_READS

    def reads(self) -> Reads:
        """Returns what is asked for."""
        return self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(Asking):
    """Asks for the lots of its hold and for the account that it burns to."""

    follows: ClassVar[bool] = True

    def follow(self, found: Found, part: int) -> Reads:
        """Returns what the hold leads to, if there is one."""
        place = self.asked.hold
        known = found.hold(place) if place else None
        return Reads() if known is None else self._of(known, part)

    @staticmethod
    def _of(known: Hold, part: int) -> Reads:
        assert part == known.part
        return Reads(
            accounts=((f"burn:{known.sink}", known.unit),),
            lots=tuple(draw.lot for draw in known.draws),
        )


EVERYTHING: Final = Reads(
    accounts=(("member:ada", "points"),),
    lots_of="points",
    lots=(Place(PART, 1),),
    hold=Place(PART, 1),
    transaction=Place(PART, 1),
)


def asking(reads: Reads, number: int = 1, kind: type[Asking] = Asking) -> Routed:
    """Returns a command of Ada that reads these things."""
    command = kind(member_id="ada", request_id=f"q{number}", asked=reads)
    return Routed(command, PART, "")


def read(batch: Batch, *commands: Routed, lots_limit: int = 32) -> Stock:
    """Returns what is read for the commands at noon."""
    heads = batch.lock({PART}, wait=True)
    found: Sequence[Routed] = commands
    return read_stock(
        batch,
        found,
        heads,
        now=NOON,
        part_count=64,
        lots_limit=lots_limit,
        program=PROGRAM,
    )


def stock(store: Store, *commands: Routed, lots_limit: int = 32) -> Stock:
    """Returns what is read for the commands in a batch of its own."""
    with open_batch(store.backend) as batch:
        return read(batch, *commands, lots_limit=lots_limit)


def test_all_that_is_declared_is_read(store: Store) -> None:
    put(store, *ALL)

    found = stock(store, asking(EVERYTHING))

    assert found == Stock(
        heads=found.heads,
        members={(PART, "ada"): member()},
        accounts={(PART, "member:ada", "points"): account()},
        lots={Place(PART, 1): lot()},
        open_lots={(PART, "ada", "points"): OpenLots([lot()], complete=True)},
        holds={Place(PART, 1): hold(lapse_time=NOON)},
        lapsed_holds={(PART, "ada", "points"): (hold(lapse_time=NOON),)},
        transactions={Place(PART, 1): record()},
        reversals={Place(PART, 1): Reversal(PART, 1, 5)},
    )


def test_what_does_not_exist_is_left_out(store: Store) -> None:
    found = stock(store, asking(EVERYTHING))

    assert found == Stock(
        heads=found.heads,
        open_lots={(PART, "ada", "points"): OpenLots([], complete=True)},
        lapsed_holds={(PART, "ada", "points"): ()},
    )


@pytest.mark.parametrize("command_count", [1, 100])
def test_a_batch_takes_at_most_so_many_statements(
    store: Store, command_count: int
) -> None:
    commands = [asking(EVERYTHING, number) for number in range(command_count)]
    with statements(store.backend) as seen, open_batch(store.backend) as batch:
        read(batch, *commands)
        batch.write(changes(ALL))

    assert len(seen) == 1 + 9 + 7


def test_a_database_far_away_is_waited_for_three_times(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    put(distant_store, member(), account(), lot(), hold(), record())
    with open_batch(distant_store.backend) as batch:
        batch.lock({PART}, wait=True)
    before = postgres_proxy.turns

    with (
        statements(distant_store.backend) as seen,
        open_batch(distant_store.backend) as batch,
    ):
        read(batch, asking(EVERYTHING))
        batch.write(changes([FRESH, member(), account(balance=7), lot(), hold()]))

    assert len(seen) == 1 + 9 + 5
    assert postgres_proxy.turns == before + 3  # to lock, to read, and to commit


def test_a_command_follows_what_the_first_round_has_found(store: Store) -> None:
    sink = account(account="burn:redemption", balance=7)
    put(store, hold(), lot(), lot(number=2), sink)

    found = stock(store, asking(Reads(hold=Place(PART, 1)), kind=Following))

    assert found.lots == {Place(PART, 1): lot()}
    assert found.accounts == {(PART, "burn:redemption", "points"): sink}


def test_what_is_followed_is_read_in_a_second_round(store: Store) -> None:
    put(store, *ALL)
    counts = []
    for kind in (Asking, Following):
        with statements(store.backend) as seen:
            stock(store, asking(EVERYTHING, kind=kind))
        counts.append(len(seen))

    # Both have the account of a lapsed hold to read, and one more lots besides.
    assert counts == [11, 12]


def test_a_hold_that_is_not_there_is_not_followed(store: Store) -> None:
    found = stock(store, asking(Reads(hold=Place(PART, 9)), kind=Following))

    assert (found.holds, found.lots, found.accounts) == ({}, {}, {})


def test_the_other_members_of_a_command_are_read_too(store: Store) -> None:
    put(store, member(part=8, member_id="bob"), member(), FRESH._replace(part=8))
    others = ((8, "bob", Reads(accounts=(("member:bob", "points"),))),)
    put(store, account(part=8, account="member:bob", balance=3))

    found = stock(store, asking(Reads())._replace(others=others))

    assert sorted(found.members) == [(7, "ada"), (8, "bob")]
    assert list(found.accounts) == [(8, "member:bob", "points")]


def test_only_holds_of_the_member_and_unit_that_lapsed_open_are_settled(
    store: Store,
) -> None:
    put(
        store,
        hold(number=1, lapse_time=NOON),
        hold(number=2, lapse_time=NOON + 1),
        hold(number=3, lapse_time=NEVER),
        hold(number=4, lapse_time=NOON - 1),
        hold(number=5, lapse_time=NOON, unit="miles"),
        hold(number=6, lapse_time=NOON, member_id="bob"),
        hold(number=7, lapse_time=NOON, state="VOIDED"),
    )

    found = stock(store, asking(Reads(lots_of="points")))

    (lapsed,) = found.lapsed_holds.values()
    assert [one.number for one in lapsed] == [4, 1]


def test_a_record_that_is_no_transaction_cannot_be_named(store: Store) -> None:
    put(
        store,
        record(kind=Kind.CREATE_MEMBER, result=member()),
        burn_record(request_id="b"),
    )

    places = [Place(PART, number) for number in (1, 2, 3)]
    found = stock(
        store,
        *(asking(Reads(transaction=place), place.number) for place in places),
    )

    assert list(found.transactions) == [Place(PART, 2)]


def test_a_run_of_lots_that_was_cut_is_not_complete(store: Store) -> None:
    put(store, *(lot(number=number) for number in (1, 2, 3)))

    runs = [
        stock(store, asking(Reads(lots_of="points")), lots_limit=limit).open_lots
        for limit in (2, 4)
    ]

    assert [(len(run.lots), run.complete) for r in runs for run in r.values()] == [
        (2, False),
        (3, True),
    ]


def test_outcomes_are_looked_up_by_request_id(store: Store) -> None:
    put(store, record())
    command = create_member(request_id="r1")

    found = stock(store, Routed(command, PART, ""))

    assert found.records == {(PART, "ada", "r1"): record()}
