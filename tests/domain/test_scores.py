"""Scores: in which fifth of all members somebody is."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.calendar.periods import parse_period
from points.domain.calendar.windows import WindowKind
from points.domain.commands import ScoreMember
from points.domain.progress import Move, Progress
from points.domain.refusals import InvalidArgument
from points.domain.scores import (
    NO_SCORES,
    SCORE_MAX,
    Deeds,
    Scores,
    Scoring,
    score_moves,
    scores_among,
    scores_of,
)
from tests.clock import DAY, NOON


BERLIN: Final = ZoneInfo("Europe/Berlin")
numbers: Final = st.integers(0, 50)
deeds: Final = st.dictionaries(
    st.text(min_size=1, max_size=3), st.builds(Deeds, numbers, numbers, numbers)
)
scores: Final = st.builds(Scores, *[st.integers(0, SCORE_MAX)] * 3)


def test_ten_members_are_two_in_each_fifth() -> None:
    found = scores_among({str(n): Deeds(n, 10 - n, 7) for n in range(10)})

    assert [found[str(n)].recency for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [found[str(n)].frequency for n in (0, 9)] == [5, 1]
    assert {each.monetary for each in found.values()} == {1}


def test_nobody_is_compared_with_nobody() -> None:
    assert scores_among({}) == {}


@given(deeds)
def test_who_has_done_more_scores_no_less_and_equals_score_alike(
    done: dict[str, Deeds],
) -> None:
    found = scores_among(done)

    assert found.keys() == done.keys()
    for name, mine in done.items():
        for other, theirs in done.items():
            for better, worse, high, low in zip(
                mine, theirs, found[name], found[other], strict=True
            ):
                assert 1 <= high <= SCORE_MAX
                assert (better > worse) <= (high >= low)
                assert (better == worse) <= (high == low)


@given(scores, scores)
def test_moves_lead_from_any_scores_to_any_others(
    before: Scores, after: Scores
) -> None:
    nothing = Progress(7, "ada").after([Move("cap/x", 3, NOON)], {}, NOON)
    first = nothing.after(score_moves(NO_SCORES, before), {}, NOON)
    last = first.after(score_moves(before, after), {}, NOON)

    assert (scores_of(first), scores_of(last)) == (before, after)
    assert last.used("cap/x") == 3


@pytest.mark.parametrize(
    ("each", "start", "until"),
    [
        # NOON is a Thursday, the first of January 2026, at 12:00 UTC.
        (WindowKind.DAY, -6, 0),
        (WindowKind.WEEK, -9, -3),
        (WindowKind.MONTH, -6, 0),
    ],
)
def test_whole_days_before_the_window_are_looked_at(
    each: WindowKind, start: int, until: int
) -> None:
    scoring = Scoring(frozenset(), parse_period("P6D"), each, BERLIN)
    midnight = NOON - DAY * 13 // 24

    assert scoring.span(NOON) == (midnight + start * DAY, midnight + until * DAY)


def test_a_score_is_never_above_the_highest() -> None:
    wrong = ScoreMember(
        member_id="ada", request_id="r", scores=Scores(6, 1, 1), until_time=NOON
    )
    with pytest.raises(InvalidArgument):
        wrong.check()
