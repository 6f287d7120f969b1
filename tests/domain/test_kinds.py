"""Kinds of records: which movements and results each may have."""

from __future__ import annotations

from typing import Final

import pytest

from points.domain.bounds import NEVER
from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.identity import Place
from points.domain.kinds import kind_problem, reversed_by
from points.domain.refusals import MemberNotFound
from points.domain.scores import ScoreChange, Scores
from points.domain.standings import DemotionNotice
from points.domain.values import (
    BatchClaim,
    BooksClose,
    Draw,
    Erasure,
    Kind,
    Limits,
    Notice,
    Posting,
    Result,
    Transaction,
)
from tests.clock import NOON
from tests.domain.build import member, program_version, record, transaction


LIMITS: Final = Limits("ada", "points", None, None, (), "eve", "", NOON)
CLOSE: Final = BooksClose(NOON, "eve", "", ())
FUNDING: Final = BudgetFunding("partners", "points", 5, 5, "olga", "invoice 7")
REPORT: Final = FiguresReport("SALES", "LIFETIME", 0, NEVER, 5, 0, "olga", "shop")
MEASURE: Final = LiabilityMeasure("owed", "points", 5, -5, 0, "olga", "monthly")
MEMBER_KINDS: Final = {
    Kind.CREATE_MEMBER,
    Kind.UPDATE_MEMBER,
    Kind.SET_POOL,
    Kind.FREEZE_MEMBER,
    Kind.UNFREEZE_MEMBER,
}
MAY_POST_NOTHING: Final = {
    Kind.ACTIVITY,
    Kind.LAPSE_CLAIM,
    Kind.ACTIVATE,
    Kind.EXTEND,
    Kind.MERGE,
    Kind.MERGE_IN,
}

MOVES: Final[dict[Kind, set[str]]] = {
    Kind.EARN: {"member>transit", "issuance>member", "issuance>shortfall"},
    Kind.ACTIVITY: {"member>transit", "issuance>member", "issuance>shortfall"},
    Kind.CLAIM: {"member>transit", "issuance>member", "issuance>shortfall"},
    Kind.BURN: {"member>burn"},
    Kind.HOLD: {"member>held"},
    Kind.CAPTURE: {"held>burn", "held>member"},
    Kind.VOID: {"held>member"},
    Kind.LAPSE: {"held>burn", "held>member"},
    Kind.EXPIRE: {"member>breakage", "member>issuance"},
    Kind.REVERSE: {
        "burn>member",
        "breakage>issuance",
        "member>breakage",
        "member>issuance",
        "shortfall>issuance",
        "transit>issuance",
        "write_off>issuance",
    },
    Kind.TRANSFER: {"member>transit", "member>fee"},
    Kind.TRANSFER_IN: {"transit>member", "transit>shortfall"},
    Kind.POOL_IN: {"transit>member", "transit>shortfall"},
    Kind.POOL_OUT: {
        "breakage>transit",
        "member>transit",
        "shortfall>transit",
        "write_off>transit",
    },
    Kind.ADJUST: {"adjustment>member", "member>adjustment"},
    Kind.CANCEL: {"member>issuance"},
    Kind.MERGE: {"member>transit", "transit>shortfall"},
    Kind.MERGE_IN: {"transit>member", "shortfall>transit"},
}
ACCOUNTS: Final = {
    "member": "member:ada",
    "held": "held:ada",
    "shortfall": "shortfall:ada",
    "burn": "burn:redemption",
    "fee": "fee:transfer",
    "issuance": "issuance",
    "breakage": "breakage",
    "transit": "transit",
    "adjustment": "adjustment",
    "write_off": "write_off",
}
ALL_MOVES: Final = {
    f"{source}>{to}" for source in ACCOUNTS for to in ACCOUNTS if source != to
}


def is_wrong(kind: Kind, result: Result) -> bool:
    """Says whether no command of the kind can have the result."""
    problems = list(kind_problem(record(kind=kind, result=result)))
    assert problems in ([], [f"record 1 is no {kind}"])
    return bool(problems)


def moving(*moves: str) -> Transaction:
    """Returns a transaction that posts between these kinds of accounts."""
    pairs = [move.split(">") for move in moves]
    return transaction(
        postings=tuple(
            Posting(ACCOUNTS[source], ACCOUNTS[to], "points", 1) for source, to in pairs
        )
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_posts_what_it_may_and_nothing_else(kind: Kind) -> None:
    allowed = {move for move in ALL_MOVES if not is_wrong(kind, moving(move))}

    assert allowed == MOVES.get(kind, set())


@pytest.mark.parametrize("kind", MOVES)
def test_a_kind_may_post_all_that_it_may_at_once(kind: Kind) -> None:
    assert not is_wrong(kind, moving(*MOVES[kind]))


@pytest.mark.parametrize("kind", MOVES)
def test_one_wrong_posting_among_right_ones_is_found(kind: Kind) -> None:
    assert is_wrong(kind, moving(*MOVES[kind], "burn>breakage"))


@pytest.mark.parametrize("kind", Kind)
def test_only_some_kinds_may_post_nothing(kind: Kind) -> None:
    assert is_wrong(kind, moving()) is (kind not in MAY_POST_NOTHING)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_kind_of_result(kind: Kind) -> None:
    results: list[Result] = [
        member(),
        LIMITS,
        CLOSE,
        BatchClaim(3),
        program_version(),
        Erasure(member(), "grace", "asked to"),
        FUNDING,
        REPORT,
        MEASURE,
        Notice("points", (Draw(Place(7, 1), 5, NOON),)),
        ScoreChange(Scores(1, 2, 3), NOON),
        DemotionNotice("status", "gold", "silver", NOON, 5),
    ]

    assert [not is_wrong(kind, result) for result in results] == [
        kind in MEMBER_KINDS,
        kind is Kind.SET_LIMITS,
        kind is Kind.CLOSE_BOOKS,
        kind is Kind.BATCH,
        kind is Kind.APPLY_PROGRAM,
        kind is Kind.ERASE_MEMBER,
        kind is Kind.FUND_BUDGET,
        kind is Kind.REPORT_FIGURES,
        kind is Kind.MEASURE_LIABILITY,
        kind is Kind.NOTICE,
        kind is Kind.SCORE,
        kind is Kind.NOTICE,
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_may_be_refused(kind: Kind) -> None:
    assert not is_wrong(kind, MemberNotFound("ada"))


@pytest.mark.parametrize(
    ("moves", "points"),
    [
        (("burn>member",), 1),
        (("burn>member", "member>breakage"), 1),
        (("member>issuance", "shortfall>issuance", "write_off>issuance"), 3),
    ],
    ids=["a burn", "a burn of expired points", "an earn"],
)
def test_a_reverse_reverses_each_point_once(
    moves: tuple[str, ...], points: int
) -> None:
    assert reversed_by(moving(*moves)) == points
