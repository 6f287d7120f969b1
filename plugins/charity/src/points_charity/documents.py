"""What is kept of campaigns, causes and donors: part of the ledger's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from points.plugin import Collection, Owner


class PoolHold(NamedTuple):
    """Is points of a sponsor that are set aside, and how many are left of them."""

    sponsor_id: str
    hold_id: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Is the matching points of a campaign or a round, the oldest hold first."""

    holds: tuple[PoolHold, ...] = ()

    @property
    def left(self) -> int:
        """Returns the points that can still be paid."""
        return sum(hold.left for hold in self.holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignState:
    """Is how far a campaign has come.

    `state` is OPEN, SETTLING, SUCCEEDED or FAILED; `is_met` what the settlement of an
    ALL_OR_NOTHING campaign found when it began. `promised` is the match of
    donations that are still holds. `receipts` counts them by year. Donations up to
    `final_number` were made into money, and stay. `settled_number` is how far the
    settlement of an ALL_OR_NOTHING campaign has come. `root_sum` and `root_points` are
    of quadratic rounds.
    """

    program_version: int
    state: str = "OPEN"
    is_met: bool = False
    raised: int = 0
    matched: int = 0
    promised: int = 0
    converted: int = 0
    donor_count: int = 0
    donation_count: int = 0
    final_number: int = 0
    settled_number: int = 0
    root_sum: int = 0
    root_points: int = 0
    receipts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """Is what a member gave to a campaign, and how much of it was matched."""

    points: int = 0
    matched: int = 0
    is_counted: bool = True


class Taken(NamedTuple):
    """Is points that a sponsor paid of a hold, and the transaction that took them."""

    sponsor_id: str
    transaction_id: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Donation:
    """Is one donation.

    `state` is HELD, GIVEN, VOIDED or REVERSED. `receipt` is empty while it is held.
    `hold_id` is set for a donation that is one, or was. `credit_id` is what the donor
    got for it, `bonus_id` what the program added, both as transactions.
    """

    number: int
    member_id: str
    points: int
    offered: int
    matched: int
    donate_time: int
    state: str
    alias: str = ""
    is_anonymous: bool = False
    origin: str = "ONCE"
    receipt: str = ""
    transaction_id: str = ""
    hold_id: str = ""
    credit_id: str = ""
    bonus_id: str = ""
    bonus: int = 0
    taken: tuple[Taken, ...] = ()


class Reference(NamedTuple):
    """Says which donation of which campaign a member gave."""

    campaign_id: str
    number: int


class Gave(NamedTuple):
    """Says that a member is a donor of a campaign, or came to be one by a merge."""

    campaign_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """Is what is kept of a member: how many donations, and what is pledged.

    `pledge_points` in ten thousand of what is earned go to `pledge_campaign`.
    """

    donation_count: int = 0
    recurring_count: int = 0
    pledge_campaign: str = ""
    pledge_basis_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """Is a donation that is given again and again.

    `state` is ACTIVE or ENDED; `number` is that of the next time, `missed` how often
    in a row it could not be given.
    """

    recurring_id: str
    campaign_id: str
    points: int
    every: str
    start_time: int
    is_anonymous: bool = False
    number: int = 0
    missed: int = 0
    state: str = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseState:
    """Is what a cause was paid, and the fraction of a unit that is kept for it.

    Both by currency: a fraction of one is never paid out in another.
    """

    paid: Mapping[str, int] = field(default_factory=dict)
    remainders: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    disbursement_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursement:
    """Is points of a campaign that were made into money."""

    number: int
    campaign_id: str
    points: int
    money: int
    currency: str
    rate: tuple[int, int]
    program_version: int
    remainder: tuple[int, int]
    operator: str
    disburse_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundState:
    """Is whether a round was closed, and what its campaigns got."""

    program_version: int
    state: str = "OPEN"
    shares: Mapping[str, int] = field(default_factory=dict)


def _by_currency(tree: Any) -> Any:
    """Returns version 2 of a cause: it had one remainder, of the currency it was paid.

    With several, that is the last by name: which one is no longer known.
    """
    remainder = tree.pop("remainder", (0, 1))
    paid = tree.get("paid", {})
    return {**tree, "remainders": dict.fromkeys(sorted(paid)[-1:], remainder)}


CAMPAIGN: Final = Collection(name="campaign", type=CampaignState, owner=Owner.OBJECT)
# Two hundred sponsors with the longest ids: 512 bytes each.
_SPONSORS_BYTES: Final = 1 << 17
POOL: Final = Collection(
    name="pool", type=Pool, owner=Owner.OBJECT, bytes_max=_SPONSORS_BYTES
)
DONOR: Final = Collection(name="donor", type=Donor, owner=Owner.OBJECT)
DONATION: Final = Collection(
    name="donation", type=Donation, owner=Owner.OBJECT, bytes_max=_SPONSORS_BYTES
)
CAUSE: Final = Collection(
    name="cause",
    type=CauseState,
    owner=Owner.OBJECT,
    version=2,
    upgrades={1: _by_currency},
)
DISBURSEMENT: Final = Collection(
    name="disbursement", type=Disbursement, owner=Owner.OBJECT
)
ROUND: Final = Collection(name="round", type=RoundState, owner=Owner.OBJECT)
GIVER: Final = Collection(name="giver", type=Giver)
GIVEN: Final = Collection(name="given", type=Reference, read_ahead=False)
GAVE: Final = Collection(name="gave", type=Gave, read_ahead=False)
RECURRING: Final = Collection(name="recurring", type=Recurring)

_NUMBER_MAX: Final = 10**12


def number_key(number: int) -> str:
    """Returns the key of something that is counted, the first one first."""
    return f"{number:012d}"


def latest_key(number: int) -> str:
    """Returns the key of something that is counted, the latest one first."""
    return f"{_NUMBER_MAX - number:012d}"
