"""Claims: their ids, what becomes of them, and damage that replay finds."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Activity, Award
from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.claims import NO_RESERVE, Claim, ClaimPlace, ClaimState, Reserve
from points.domain.replay import PartReplay
from points.domain.values import Kind, Lot, Posting, Record, Transaction
from points.store.texts.claims import claim_of, claim_row, claim_tree, read_claim
from tests.clock import NOON
from tests.domain.build import PART, lot, record


CLAIM: Final = Claim(
    part=PART,
    number=1,
    position=1,
    member_id="ada",
    rule_id="review",
    award_number=0,
    unit="points",
    points=5,
    create_time=NOON - 1_000,
    lapse_time=NOON + 1_000,
)

claims: Final = st.builds(
    Claim,
    part=st.just(PART),
    number=st.integers(1, POINTS_MAX),
    position=st.integers(1, 999_999),
    member_id=st.just("ada"),
    rule_id=st.text(),
    award_number=st.integers(0, 15),
    unit=st.text(),
    points=st.integers(1, POINTS_MAX),
    create_time=st.integers(0, NOON),
    lapse_time=st.sampled_from([NOON, NEVER]),
    budget=st.text(),
    state=st.sampled_from(ClaimState),
    claim_record=st.integers(0, POINTS_MAX),
    reserve=st.sampled_from([NO_RESERVE, Reserve("budget:words", 0, NEVER)]),
)


@given(claims)
def test_the_id_of_a_claim_is_its_place(claim: Claim) -> None:
    assert ClaimPlace.of_claim(claim.place().claim_id()) == claim.place()


@given(claims)
def test_a_claim_is_read_as_it_was_written(claim: Claim) -> None:
    assert read_claim(claim_tree(claim), PART, "ada") == claim
    assert claim_of(claim_row(claim)) == claim


@pytest.mark.parametrize(
    "text",
    ["", "c1-1", "c1-1-0", "c1-0-1", "c01-1-1", "t1-1-1", f"c1-{POINTS_MAX + 1}-1"],
)
def test_another_text_is_no_id_of_a_claim(text: str) -> None:
    assert ClaimPlace.of_claim(text) is None


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        (CLAIM, ClaimState.OPEN),
        (CLAIM._replace(lapse_time=NOON), ClaimState.LAPSED),
        (CLAIM._replace(lapse_time=NEVER), ClaimState.OPEN),
        (CLAIM._replace(lapse_time=NOON).collected(7), ClaimState.CLAIMED),
    ],
)
def test_a_claim_lapses_at_its_time_unless_it_was_collected(
    claim: Claim, state: ClaimState
) -> None:
    assert claim.state_at(NOON) is state


def making(*made: Claim, **fields: Any) -> Record:
    """Returns the record of an activity whose award waits."""
    transaction = Transaction(
        postings=(),
        balance_after=0,
        reason="review",
        metadata={},
        activity=Activity("review", NOON),
        awards=(Award("review", 0, "points", 5, claim_position=1),),
        claims=made or (CLAIM,),
    )
    plain = {"kind": Kind.ACTIVITY, "result": transaction._replace(**fields)}
    return record(number=1, record_time=NOON, **plain)


def collecting(
    claim: Claim, *, points: int = 5, at: int = NOON, number: int = 2
) -> Record:
    """Returns the record of a claim that is collected."""
    minted: Lot = lot(number=1, points=points, record_number=number, earn_time=at)
    transaction = Transaction(
        postings=(Posting("issuance", "member:ada", "points", points),),
        balance_after=points,
        reason="review",
        metadata={},
        lots=(minted,),
        awards=(Award("review", 0, "points", points, 1),),
        claims=(claim,),
    )
    return record(number=number, record_time=at, kind=Kind.CLAIM, result=transaction)


def wrong(*records: Record) -> list[str]:
    """Returns what replay finds wrong with the records."""
    replay = PartReplay(PART)
    return [what for one in records for what in replay.add(one)]


def test_a_claim_that_is_made_and_collected_is_as_it_should_be() -> None:
    assert wrong(making(), collecting(CLAIM.collected(2))) == []


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([making(CLAIM, CLAIM)], "once more"),
        ([making(CLAIM._replace(number=9))], "once more"),
        ([making(CLAIM.collected(1))], "collected"),
        ([making(awards=())], "other claims than its awards"),
        ([making(CLAIM._replace(points=6))], "other claims than its awards"),
        ([making(), collecting(CLAIM)], "is another"),
        ([making(), collecting(CLAIM._replace(position=2).collected(2))], "is another"),
        ([making(), collecting(CLAIM._replace(points=4).collected(2))], "is another"),
        ([making(), collecting(CLAIM.collected(2), at=NOON + 1_000)], "not open"),
        ([making(), collecting(CLAIM.collected(2), points=6)], "other points"),
    ],
)
def test_replay_tells_a_claim_that_cannot_be(records: list[Record], told: str) -> None:
    assert any(told in what for what in wrong(*records))


def test_a_claim_is_never_collected_twice() -> None:
    again = collecting(CLAIM.collected(3), number=3)

    found = wrong(making(), collecting(CLAIM.collected(2)), again)

    assert any("not open" in what for what in found)
