"""An auction as a command reads and writes it."""

from __future__ import annotations

from typing import NamedTuple

from points.plugin import Context, Refused
from points_auction.documents import PLAN, ROUND, TERMS, Plan
from points_auction.refusals import AUCTION_ENDED, AUCTION_NOT_STARTED, AUCTION_UNKNOWN
from points_auction.rounds import Phase, Round
from points_auction.terms import Terms


SETTLE = "settle"
"""The job that takes the next step of a settlement."""


class Case(NamedTuple):
    """Is one auction: what was agreed, and where it stands."""

    auction_id: str
    terms: Terms
    round: Round

    @property
    def reason(self) -> str:
        """Returns the reason that the ledger keeps with everything the auction does."""
        return f"auction {self.auction_id}"


def find(ctx: Context, auction_id: str) -> Case:
    """Returns an auction; raises AUCTION_UNKNOWN."""
    terms = ctx.state.get(TERMS, auction_id) if auction_id else None
    ground = ctx.state.get(ROUND, auction_id) if terms else None
    if terms is None or ground is None:
        raise Refused(AUCTION_UNKNOWN, auction_id=auction_id)
    return Case(auction_id, terms, ground)


def plan_of(ctx: Context, auction_id: str) -> Plan:
    """Returns the plan of an auction, a new one if it has none."""
    return ctx.state.get(PLAN, auction_id) or Plan()


def keep(ctx: Context, case: Case, ground: Round) -> Case:
    """Writes where an auction stands now, and returns it."""
    ctx.state.put(ROUND, case.auction_id, ground)
    return case._replace(round=ground)


def check_open(case: Case, now: int) -> None:
    """Raises AUCTION_NOT_STARTED, or AUCTION_ENDED: at its very end it is over."""
    if case.round.phase is not Phase.OPEN or now >= case.round.end_time:
        raise Refused(AUCTION_ENDED, auction_id=case.auction_id)
    if now < case.terms.start_time:
        raise Refused(AUCTION_NOT_STARTED, auction_id=case.auction_id)


def reveal_end(case: Case) -> int:
    """Returns when settlement may begin: after the end, and after the reveals."""
    return case.round.end_time + case.terms.reveal
