"""What the plugin keeps of an auction, all of it in the auction's own part."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from points.plugin import Collection, DocumentKey, Owner
from points_auction.ranking import NOBODY, Candidate, Sale
from points_auction.rounds import Round
from points_auction.terms import Terms


class Bidder(NamedTuple):
    """Is a member's one bid that counts, and what of the limits is used.

    `points` are the bid: what it is ranked by, the maximum of an ENGLISH one, the
    price of a DUTCH one; 0 once withdrawn, and until it is revealed. `sequence` is
    when it came to that. `hold_id` is the hold of a sealed bid, `payments` the
    transactions of all-pay bids, `paid_points` what was paid as soon as it was bid.
    `commitment` is in hexadecimal digits. A sealed bid stands in `secret` instead of
    `points` where the program has a key, which `key_id` names.
    """

    points: int = 0
    sequence: int = 0
    hold_id: str = ""
    bid_count: int = 0
    paid_points: int = 0
    payments: tuple[str, ...] = ()
    commitment: str = ""
    secret: bytes = b""
    key_id: str = ""

    @property
    def is_told(self) -> bool:
        """Returns whether there is a bid whose points are known, or will be."""
        return bool(self.points or self.secret)


class Result(NamedTuple):
    """Is what became of one item, with the parts of what was paid for it."""

    member_id: str
    points: int = 0
    seller: int = 0
    charity: int = 0
    fee: int = 0
    burn: int = 0
    is_unsold: bool = False


class Stage(StrEnum):
    """Tells which work of a plan is next."""

    RANK = "RANK"
    PAY = "PAY"
    RELEASE = "RELEASE"
    DONE = "DONE"


class Plan(NamedTuple):
    """Is how far a settlement or cancellation has come; each chunk writes the next.

    `after` is the last bidder seen of the present stage, `ranked` the best of those
    seen, `sales` what is to be paid or given back of which `paid_count` are done,
    and `chunk` counts the runs. `behind` is the lowest rank of a ranking in which too
    few were fit: points and sequence, and only lower ones are looked for again.
    """

    stage: Stage = Stage.RANK
    after: str = ""
    ranked: tuple[Candidate, ...] = ()
    sales: tuple[Sale, ...] = ()
    paid_count: int = 0
    results: tuple[Result, ...] = ()
    behind: tuple[int, int] = NOBODY
    chunk: int = 0


class Paid(NamedTuple):
    """Is the mark that a member has paid a bid in an auction, whose id is its key."""


TERMS: Final = Collection(name="terms", type=Terms, owner=Owner.OBJECT)
ROUND: Final = Collection(name="round", type=Round, owner=Owner.OBJECT)
# Any number of them: a settlement reads them page by page.
BIDDER: Final = Collection(
    name="bidder", type=Bidder, owner=Owner.OBJECT, read_ahead=False
)
# A hundred winners with the longest ids, in three lists.
PLAN: Final = Collection(
    name="plan",
    type=Plan,
    owner=Owner.OBJECT,
    bytes_max=262_144,
)

# One for each auction that a member ever paid in: merges alone look.
PAID: Final = Collection(name="paid", type=Paid, owner=Owner.MEMBER, read_ahead=False)

COLLECTIONS: Final = (TERMS, ROUND, BIDDER, PLAN, PAID)


def keys_of(auction_id: str, *bidders: str) -> tuple[DocumentKey, ...]:
    """Returns where an auction, its plan and these bidders stand.

    Named one by one: an auction may have any number of bidders.
    """
    own = tuple(DocumentKey(one.name, auction_id) for one in (TERMS, ROUND, PLAN))
    bids = tuple(DocumentKey(BIDDER.name, auction_id, name) for name in bidders)
    return own + bids
