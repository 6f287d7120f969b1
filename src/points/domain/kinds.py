"""Which movements each kind of record may consist of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.identity import ISSUANCE, TRANSIT
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Refusal
from points.domain.scores import ScoreChange
from points.domain.standings import DemotionNotice, StandingChange
from points.domain.values import (
    BatchClaim,
    BooksClose,
    Erasure,
    Kind,
    Limits,
    Member,
    Notice,
    Record,
    Result,
    Transaction,
)
from points.domain.versions import ProgramVersion


_MOVES: Final[dict[Kind, frozenset[tuple[str, str]]]] = {
    kind: frozenset(tuple(move.split(">")) for move in moves.split())  # type: ignore[misc]
    for kind, moves in {
        Kind.EARN: "issuance>member issuance>shortfall member>transit",
        Kind.ACTIVITY: "issuance>member issuance>shortfall member>transit",
        Kind.CLAIM: "issuance>member issuance>shortfall member>transit",
        Kind.LAPSE_CLAIM: "",
        Kind.BURN: "member>burn",
        Kind.HOLD: "member>held",
        Kind.CAPTURE: "held>burn held>member",
        Kind.VOID: "held>member",
        Kind.LAPSE: "held>burn held>member",
        Kind.EXPIRE: "member>breakage member>issuance",
        Kind.REVERSE: (
            "burn>member member>breakage member>issuance"
            " shortfall>issuance write_off>issuance breakage>issuance"
            " transit>issuance"
        ),
        Kind.TRANSFER: "member>transit member>fee",
        Kind.TRANSFER_IN: "transit>member transit>shortfall",
        Kind.POOL_IN: "transit>member transit>shortfall",
        Kind.POOL_OUT: (
            "member>transit shortfall>transit write_off>transit breakage>transit"
        ),
        Kind.ADJUST: "adjustment>member member>adjustment",
        Kind.ACTIVATE: "",
        Kind.CANCEL: "member>issuance",
        Kind.EXTEND: "",
        Kind.MERGE: "member>transit transit>shortfall",
        Kind.MERGE_IN: "transit>member shortfall>transit",
    }.items()
}
"""Kinds of accounts between which a transaction of each kind posts."""

_EMPTY: Final = frozenset(
    {
        Kind.ACTIVITY,
        Kind.LAPSE_CLAIM,
        Kind.ACTIVATE,
        Kind.EXTEND,
        Kind.MERGE,
        Kind.MERGE_IN,
    }
)
"""Kinds that may post nothing: activities need not earn, what lapses was never minted,
two only change lots, and members may have no points."""

_RESULTS: Final[dict[Kind, type | tuple[type, ...]]] = {
    Kind.CREATE_MEMBER: Member,
    Kind.UPDATE_MEMBER: Member,
    Kind.SET_POOL: Member,
    Kind.FREEZE_MEMBER: Member,
    Kind.UNFREEZE_MEMBER: Member,
    Kind.ERASE_MEMBER: Erasure,
    Kind.SET_LIMITS: Limits,
    Kind.SET_STANDING: StandingChange,
    Kind.SWEEP_STANDINGS: StandingChange,
    Kind.SCORE: ScoreChange,
    Kind.CLOSE_BOOKS: BooksClose,
    Kind.APPLY_PROGRAM: ProgramVersion,
    Kind.BATCH: BatchClaim,
    Kind.FUND_BUDGET: BudgetFunding,
    Kind.REPORT_FIGURES: FiguresReport,
    Kind.MEASURE_LIABILITY: LiabilityMeasure,
    Kind.NOTICE: (Notice, DemotionNotice),
    Kind.CALL: PluginCall,
}
"""Results of the kinds that move nothing."""


def kind_problem(record: Record) -> Iterator[str]:
    """Yields a sentence if no command of the record's kind can have its result."""
    if not _is_of_kind(record.kind, record.result):
        yield f"record {record.number} is no {record.kind}"


def reversible_points(transaction: Transaction) -> int:
    """Returns how many points of this transaction others may reverse: each once."""
    return sum(
        posting.points
        for posting in transaction.postings
        if posting.source == ISSUANCE or posting.destination.startswith("burn:")
    )


def reversed_by(transaction: Transaction) -> int:
    """Returns how many points of another transaction this one reverses."""
    return sum(
        posting.points
        for posting in transaction.postings
        if posting.destination == ISSUANCE or posting.source.startswith("burn:")
    )


def returned_by(transaction: Transaction) -> dict[str, int]:
    """Returns the points that the reverse of an activity takes back, by unit."""
    found: dict[str, int] = {}
    for posting in transaction.postings:
        if posting.destination == ISSUANCE:
            found[posting.unit] = found.get(posting.unit, 0) + posting.points
    return found


def pooled_by(transaction: Transaction) -> dict[str, int]:
    """Returns the points that a reverse has had from a pool, by unit."""
    found: dict[str, int] = {}
    for source, destination, unit, points in transaction.postings:
        if (source, destination) == (TRANSIT, ISSUANCE):
            found[unit] = found.get(unit, 0) + points
    return found


def _is_of_kind(kind: Kind, result: Result) -> bool:
    if isinstance(result, Refusal):
        return True
    if not isinstance(result, Transaction):
        return isinstance(result, _RESULTS.get(kind, ()))
    moves = {
        (_kind_of(posting.source), _kind_of(posting.destination))
        for posting in result.postings
    }
    may_be_empty = kind in _EMPTY or result.is_return
    return kind in _MOVES and moves <= _MOVES[kind] and (bool(moves) or may_be_empty)


def _kind_of(account: str) -> str:
    return account.partition(":")[0]
