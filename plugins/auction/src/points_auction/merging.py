"""Two members who become one: not while a bid that was paid may still come back.

What is paid for stands in the name it was paid in, and a merged member gets nothing
back. So the core waits with members who have open holds, and this with paid bids.
"""

from __future__ import annotations

from typing import Final

from points.plugin import Context, OnFailure, Reaction, Recorded, Refused
from points_auction.documents import PAID, ROUND, Paid
from points_auction.refusals import BIDS_OPEN
from points_auction.rounds import ACTIVE


PAGE: Final = 1_000
"""Marks of one page."""


def mark_paid(ctx: Context, auction_id: str, member_id: str) -> None:
    """Keeps with a member that a bid in an auction is paid, for a merge to come."""
    ctx.state.put(PAID, member_id, Paid(), auction_id)


def merge(ctx: Context, recorded: Recorded) -> None:
    """Refuses to merge who has paid in an auction that is not over."""
    ended, after = recorded.counterparty, ""
    while page := ctx.state.list(PAID, ended, after=after, limit=PAGE):
        names = [auction_id for auction_id, _ in page]
        # Read together: one by one, each would have the merge begun again.
        ctx.state.expect(ROUND, [(each, "") for each in names])
        for auction_id in names:
            _check_over(ctx, auction_id, ended)
        after = names[-1]


def _check_over(ctx: Context, auction_id: str, member_id: str) -> None:
    """Raises Refused unless an auction is over; a mark of one that is goes."""
    ground = ctx.state.get(ROUND, auction_id)
    if ground is not None and ground.phase in ACTIVE:
        raise Refused(BIDS_OPEN, member_id=member_id, auction_id=auction_id)
    ctx.state.delete(PAID, member_id, auction_id)


MERGING: Final = Reaction(
    name="merge",
    kinds=frozenset({"MERGE_IN"}),
    handler=merge,
    on_failure=OnFailure.ABORT,
)
