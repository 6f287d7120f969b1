"""Open points of a hold on their way: the postings, accounts and lots of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from points.domain.decisions.posted import posted
from points.domain.holds import Release
from points.domain.identity import (
    Place,
    burn_account,
    held_account,
    member_account,
)
from points.domain.state import Decision, Stamp, State
from points.domain.values import Account, Draw, Hold, Lot, Posting, Transaction


class Terms(NamedTuple):
    """Is what a transaction of a hold says besides what it moves."""

    reason: str
    metadata: Mapping[str, str]
    channel: str
    effective_time: int


def lots_of(state: State, hold: Hold) -> dict[Place, Lot]:
    """Returns the lots that the open points of a hold came from."""
    found = {draw.lot: state.lot(draw.lot) for draw in hold.draws}
    return {place: lot for place, lot in found.items() if lot is not None}


def released(
    state: State,
    stamp: Stamp,
    after: Hold,
    release: Release,
    terms: Terms,
    *,
    sink: str,
) -> Decision:
    """Returns the decision that leaves a hold as it is `after` the release.

    Raises LimitExceeded.
    """
    postings = tuple(_postings(after, release, sink))
    accounts = posted(state, stamp.part, after.member_id, postings)
    made = tuple(_renewed(state, stamp, release))
    return Decision(
        result=Transaction(
            postings=postings,
            balance_after=_balance(state, stamp, after, accounts),
            reason=terms.reason,
            metadata=terms.metadata,
            draws=release.captured,
            lots=made,
            returns=release.returned,
            hold=after,
        ),
        effective_time=terms.effective_time,
        channel=terms.channel,
        accounts=accounts,
        lots=(*_changed(state, release), *made),
        made_lot_count=len(made),
        holds=(after,),
    )


def _postings(hold: Hold, release: Release, sink: str) -> Iterator[Posting]:
    held, member = held_account(hold.member_id), member_account(hold.member_id)
    if release.captured:
        yield Posting(held, burn_account(sink), hold.unit, release.captured_points)
    if release.voided_points:
        yield Posting(held, member, hold.unit, release.voided_points)


def _balance(
    state: State, stamp: Stamp, hold: Hold, accounts: tuple[Account, ...]
) -> int:
    """Returns what stands on the member's account afterwards."""
    name = member_account(hold.member_id)
    found = (account for account in accounts if account.account == name)
    return next(found, state.account(stamp.part, name, hold.unit)).balance


def _changed(state: State, release: Release) -> tuple[Lot, ...]:
    """Returns the lots that points were held of, without them."""
    lots: dict[Place, Lot] = {}

    def change(draw: Draw, *, returned: int) -> None:
        lot = lots.get(draw.lot) or state.lot(draw.lot)
        assert lot is not None
        lots[draw.lot] = lot.moved(returned, -draw.points)

    for draw in (*release.captured, *release.renewed):
        change(draw, returned=0)
    for draw in release.returned:
        change(draw, returned=draw.points)
    return tuple(lots.values())


def _renewed(state: State, stamp: Stamp, release: Release) -> Iterator[Lot]:
    """Yields the new lots of points whose own lots expired while they were held."""
    for number, draw in enumerate(release.renewed, stamp.lot_number):
        lot = state.lot(draw.lot)
        assert lot is not None
        yield lot._replace(
            number=number,
            points=draw.points,
            remaining=draw.points,
            held=0,
            ended=0,
            noticed_time=0,
            expire_time=draw.expire_time,
            record_number=stamp.number,
            expiry="",
            origin=draw.lot.lot_id(),
        )
