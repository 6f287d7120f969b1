"""The things a ledger is made of, all frozen.

They are tuples: made several times faster than frozen dataclasses, by the dozen
for every command, and accounts, heads and lots are the very rows of their tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from points.domain.activities import Activity, Award
from points.domain.bounds import POINTS_MIN
from points.domain.claims import Claim
from points.domain.counters import CounterMove
from points.domain.funding import BudgetResult
from points.domain.identity import Place
from points.domain.plugin_calls import PluginCall
from points.domain.progress import Move
from points.domain.refusals import Refusal
from points.domain.returns import NOTHING_RETURNED, Returned
from points.domain.scores import ScoreChange
from points.domain.standings import DemotionNotice, Standing, StandingChange
from points.domain.versions import ProgramVersion


class MemberState(StrEnum):
    """Tells what a member may do."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    MERGED = "MERGED"
    ERASED = "ERASED"


class Kind(StrEnum):
    """Names what a command does."""

    EARN = "EARN"
    ACTIVITY = "ACTIVITY"
    CLAIM = "CLAIM"
    LAPSE_CLAIM = "LAPSE_CLAIM"
    BURN = "BURN"
    HOLD = "HOLD"
    CAPTURE = "CAPTURE"
    VOID = "VOID"
    LAPSE = "LAPSE"
    EXPIRE = "EXPIRE"
    REVERSE = "REVERSE"
    TRANSFER = "TRANSFER"
    TRANSFER_IN = "TRANSFER_IN"
    POOL_IN = "POOL_IN"
    POOL_OUT = "POOL_OUT"
    ADJUST = "ADJUST"
    ACTIVATE = "ACTIVATE"
    CANCEL = "CANCEL"
    EXTEND = "EXTEND"
    NOTICE = "NOTICE"
    MERGE = "MERGE"
    MERGE_IN = "MERGE_IN"
    CREATE_MEMBER = "CREATE_MEMBER"
    UPDATE_MEMBER = "UPDATE_MEMBER"
    SET_POOL = "SET_POOL"
    FREEZE_MEMBER = "FREEZE_MEMBER"
    UNFREEZE_MEMBER = "UNFREEZE_MEMBER"
    ERASE_MEMBER = "ERASE_MEMBER"
    SET_LIMITS = "SET_LIMITS"
    SET_STANDING = "SET_STANDING"
    SWEEP_STANDINGS = "SWEEP_STANDINGS"
    SCORE = "SCORE"
    CLOSE_BOOKS = "CLOSE_BOOKS"
    APPLY_PROGRAM = "APPLY_PROGRAM"
    BATCH = "BATCH"
    FUND_BUDGET = "FUND_BUDGET"
    REPORT_FIGURES = "REPORT_FIGURES"
    MEASURE_LIABILITY = "MEASURE_LIABILITY"
    CALL = "CALL"


class Member(NamedTuple):
    """Is a person who holds points; `version` counts the changes from 1.

    `merged_into` names the member whose points these are now, if it was merged. What
    it earns goes to the member `pools_into` by the terms of the program's `pool`.
    """

    part: int
    member_id: str
    state: MemberState
    attributes: Mapping[str, str]
    create_time: int
    update_time: int
    version: int
    merged_into: str = ""
    pool: str = ""
    pools_into: str = ""


class Account(NamedTuple):
    """Is one holder's points in one unit within one part.

    `balance` never falls below `floor`: 0 for members. House accounts such as
    `issuance` may be negative. The lifetime counts belong to members, and are net
    of what was reversed. `limits` and `usage` are texts of `domain.limits`, empty
    for a member without limits. `shortfall` is what the member owes: minus the
    balance of the account of that name, kept here for every earn to see.
    """

    part: int
    account: str
    unit: str
    balance: int = 0
    floor: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0
    limits: str = ""
    usage: str = ""
    shortfall: int = 0

    @classmethod
    def empty(cls, part: int, account: str, unit: str) -> Account:
        """Returns the account as it is before its first posting."""
        is_members = account.startswith(("member:", "held:"))
        return cls(part, account, unit, floor=0 if is_members else POINTS_MIN)


class Lot(NamedTuple):
    """Is what one earn made: points with one activation and one expiry.

    Usable from `activate_time` on and before `expire_time` (half-open).
    `remaining` can be drawn, `held` is drawn by open holds. A lot that `waits_for`
    an event has no activation yet: it is NEVER, and `expire_time` is the deadline
    at which the lot is cancelled. `expiry` is a text of `domain.terms`: what the
    expiry will be, and what the lot waited for. `origin` is the id of the lot that
    the points came from in a transfer, a merge or a reissue. `ended` is what was
    swept from it: expired, or cancelled if it was never active. `noticed_time` is
    the expiry of which notice was given: 0 for none since it was set. `earner` is
    whose earning a pool got these points of, wherever merges have carried them since;
    empty for all other lots, and for those of pools of before it was kept.
    """

    part: int
    number: int
    member_id: str
    unit: str
    points: int
    remaining: int
    earn_time: int
    activate_time: int
    expire_time: int
    record_number: int
    held: int = 0
    waits_for: str = ""
    expiry: str = ""
    origin: str = ""
    ended: int = 0
    noticed_time: int = 0
    earner: str = ""

    @property
    def has_come(self) -> bool:
        """Says whether another member has earned the points, or a merge brought them.

        They count in that member's lifetime, whatever becomes of them. What a pool
        has got and a merge brings back to its earner has not come.
        """
        return bool(self.origin) and self.earner != self.member_id

    @property
    def is_drawn(self) -> bool:
        """Says whether nothing is left that could be drawn."""
        return self.remaining == 0

    def moved(self, left: int, held: int = 0) -> Lot:
        """Returns the lot with so many more points left and held, or fewer."""
        # Field by field: `_replace` takes six times as long, for each of many.
        a, b, c, d, e, remaining, f, g, h, i, was_held, j, k, m, n, o, p = self
        remaining, was_held = remaining + left, was_held + held
        changed = (a, b, c, d, e, remaining, f, g, h, i, was_held, j, k, m, n, o, p)
        return tuple.__new__(Lot, changed)

    def draw(self, points: int) -> Draw:
        """Returns the draw of so many of its points."""
        # Past the constructors: a burn may draw many lots.
        place = tuple.__new__(Place, self[:2])
        return tuple.__new__(Draw, (place, points, self.expire_time))

    def place(self) -> Place:
        """Returns where the lot stands."""
        return Place(self.part, self.number)


class HoldState(StrEnum):
    """Tells what became of a hold; all but the first are final."""

    OPEN = "OPEN"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    LAPSED = "LAPSED"


class TimeoutAction(StrEnum):
    """Tells what a hold does with its points when it lapses."""

    VOID = "VOID"
    CAPTURE = "CAPTURE"


class Hold(NamedTuple):
    """Is points of one unit set aside for a pending burn.

    `draws` are what is still open, the first to be captured first; together they
    are `open_points`. It lapses at `lapse_time`, NEVER without a timeout.
    """

    part: int
    number: int
    member_id: str
    unit: str
    points: int
    draws: tuple[Draw, ...]
    captured_points: int
    voided_points: int
    state: HoldState
    place_time: int
    lapse_time: int
    update_time: int
    on_timeout: TimeoutAction
    freeze_expiry: bool
    sink: str
    reason: str
    record_number: int

    @property
    def open_points(self) -> int:
        """Returns what is neither captured nor given back."""
        return sum(draw.points for draw in self.draws)

    def place(self) -> Place:
        """Returns where the hold stands."""
        return Place(self.part, self.number)

    def has_lapsed(self, now: int) -> bool:
        """Says whether it is open on paper only: swept or not, nobody holds it."""
        return self.state is HoldState.OPEN and self.lapse_time <= now


class Posting(NamedTuple):
    """Moves points from one account to another: balanced by construction."""

    source: str
    destination: str
    unit: str
    points: int


class Draw(NamedTuple):
    """Says how many points were taken from one lot, or given back to it."""

    lot: Place
    points: int
    expire_time: int


class Retimed(NamedTuple):
    """Says which activation and expiry a lot has from now on; it waits no more."""

    lot: Place
    activate_time: int
    expire_time: int


class ReasonCode(StrEnum):
    """Tells why a transaction was reversed."""

    CLAWBACK = "CLAWBACK"
    REFUND = "REFUND"
    CORRECTION = "CORRECTION"


class Transaction(NamedTuple):
    """Is what an accepted ledger command did.

    `balance_after` is what stands on the member's account, in the unit of the
    first posting, right after it. `draws` were taken from lots, `returns` given
    back to them, `lots` made and `retimed` changed; a change of a single lot tells
    that lot in `lots` too, as it is afterwards. `hold` is the hold that it was
    about, likewise. A reverse names the transaction it `reverses`, and
    `counterparty` is the other member of a transfer, merge or pool. An `activity`
    has its `awards`, in the order of the lots they made; its attributes are the
    metadata. `moves` and `remainders` are what changed of the member's progress,
    `counters` what it moved of counters that members share, and `standings` the
    standings that changed. `claims` are those it made, collected or ended, as they
    are afterwards. `unswept` is what a reverse took back of lots that had been swept
    to breakage. The reverse of an activity tells the `returned_items`, and whether it
    `returns_all` that was left.
    """

    postings: tuple[Posting, ...]
    balance_after: int
    reason: str
    metadata: Mapping[str, str]
    draws: tuple[Draw, ...] = ()
    lots: tuple[Lot, ...] = ()
    returns: tuple[Draw, ...] = ()
    retimed: tuple[Retimed, ...] = ()
    hold: Hold | None = None
    reverses: Place | None = None
    reason_code: ReasonCode | None = None
    operator: str = ""
    counterparty: str = ""
    counterparty_place: Place | None = None
    activity: Activity | None = None
    awards: tuple[Award, ...] = ()
    moves: tuple[Move, ...] = ()
    remainders: tuple[tuple[str, str], ...] = ()
    counters: tuple[CounterMove, ...] = ()
    standings: tuple[Standing, ...] = ()
    claims: tuple[Claim, ...] = ()
    unswept: tuple[Draw, ...] = ()
    returned_items: tuple[str, ...] = ()
    returns_all: bool = False

    @property
    def is_return(self) -> bool:
        """Says whether it reverses an activity, be it that nothing was left to take."""
        return bool(self.returned_items) or self.returns_all


class Limits(NamedTuple):
    """Is what a member's account in one unit may do; None is without that bound.

    `floor` is what a burn must leave available, `ceiling` what an earn may reach.
    Windows are those of `zone`, which was the program's when the limits were set.
    """

    member_id: str
    unit: str
    floor: int | None
    ceiling: int | None
    velocities: tuple[Velocity, ...]
    operator: str
    reason: str
    update_time: int
    zone: str = "UTC"


class Velocity(NamedTuple):
    """Bounds points, transactions or both within a window of the program's zone."""

    action: str
    window: str
    points_max: int | None = None
    count_max: int | None = None


class BooksClose(NamedTuple):
    """Is the end of a period in one part, with its closing trial balance.

    Nothing is recorded with an instant before `until_time` from then on. `lines`
    are account, unit and balance, in this order.
    """

    until_time: int
    operator: str
    reason: str
    lines: tuple[tuple[str, str, int], ...]


class Erasure(NamedTuple):
    """Is the member whose personal data were erased, and who answers for it."""

    member: Member
    operator: str
    reason: str


class BatchClaim(NamedTuple):
    """Is the request id of a batch in use, by so many commands; it moves nothing."""

    command_count: int


class Notice(NamedTuple):
    """Is the advance notice of points of one unit that will expire; it moves nothing.

    `lots` are as draws: what is left of each lot, and when that expires.
    """

    unit: str
    lots: tuple[Draw, ...]


Accepted: TypeAlias = (
    Transaction
    | Member
    | Erasure
    | Limits
    | BooksClose
    | ProgramVersion
    | StandingChange
    | ScoreChange
    | BatchClaim
    | Notice
    | DemotionNotice
    | BudgetResult
    | PluginCall
)
"""What a command comes to that is carried out."""

Result: TypeAlias = Accepted | Refusal
"""What a record holds."""


class Record(NamedTuple):
    """Is what was committed for one command, refusals included: its outcome.

    `number` counts the records of a part without gaps, in commit order; it is 0
    for a command that was only validated. The same `fingerprint` means the same
    content; `domain.personal` tells how it is salted. `salt` hides the personal data
    in it and in the record's digest. It was decided under `program_version`.
    """

    part: int
    number: int
    member_id: str
    request_id: str
    kind: Kind
    channel: str
    fingerprint: str
    effective_time: int
    record_time: int
    result: Result
    salt: str = ""
    program_version: int = 0

    def place(self) -> Place:
        """Returns where the record stands."""
        return Place(self.part, self.number)


class Reversal(NamedTuple):
    """Is how much of a transaction has been reversed so far, of all units together.

    `returned` says more of an activity, and of what a pool has had a share of.
    """

    part: int
    number: int
    reversed_points: int
    returned: Returned = NOTHING_RETURNED


class Head(NamedTuple):
    """Is the last of everything that a part has numbered, and its last instant.

    Nothing is recorded before `closed_time`; `program_version` is the last one
    applied, and `chain` the digest of the last record, which covers all before it.
    """

    part: int
    last_number: int
    last_lot_number: int
    last_time: int
    last_hold_number: int = 0
    closed_time: int = 0
    program_version: int = 0
    chain: str = ""


class Balances(NamedTuple):
    """Is what a member has in one unit at one instant.

    `next_expirations` and `next_activations` are pairs of instant and points, the
    earliest first; `shortfall` is what the member owes.
    """

    unit: str
    available: int = 0
    pending: int = 0
    held: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0
    shortfall: int = 0
    next_expirations: tuple[tuple[int, int], ...] = ()
    next_activations: tuple[tuple[int, int], ...] = ()
