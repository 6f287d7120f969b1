"""What a part has committed, in its order."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from points.domain.funding import BudgetResult
from points.domain.identity import Place
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Refusal
from points.domain.scores import ScoreChange
from points.domain.standings import DemotionNotice, StandingChange
from points.domain.values.lots import Notice
from points.domain.values.members import Erasure, Limits, Member
from points.domain.values.transactions import Transaction
from points.domain.versions import ProgramVersion


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


class BooksClose(NamedTuple):
    """Is the end of a period in one part, with its closing trial balance.

    Nothing is recorded with an instant before `until_time` from then on. `lines`
    are account, unit and balance, in this order.
    """

    until_time: int
    operator: str
    reason: str
    lines: tuple[tuple[str, str, int], ...]


class BatchClaim(NamedTuple):
    """Is the request id of a batch in use, by so many commands; it moves nothing."""

    command_count: int


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
