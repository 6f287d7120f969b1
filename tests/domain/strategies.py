"""Hypothesis strategies for what the ledger is made of."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from points.domain.activities import Activity, Award, Item
from points.domain.bounds import AT_ONCE, NEVER, POINTS_MAX, POINTS_MIN, TIME_MAX
from points.domain.claims import NO_RESERVE, Claim, ClaimState, Reserve
from points.domain.counters import CounterMove
from points.domain.funding import BudgetFunding, FiguresReport
from points.domain.identity import Place
from points.domain.progress import Move
from points.domain.standings import (
    Standing,
    StandingCause,
    StandingChange,
    TierChange,
)
from points.domain.values import (
    BooksClose,
    Draw,
    Hold,
    HoldState,
    Limits,
    Lot,
    Member,
    MemberState,
    Posting,
    ReasonCode,
    Retimed,
    TimeoutAction,
    Transaction,
    Velocity,
)
from points.domain.versions import ProgramVersion
from tests.domain.build import PART


texts: Final = st.text(st.characters(codec="utf-8"), max_size=12)
"""Any text that reaches us through protobuf: no surrogates."""

pairs: Final = st.dictionaries(texts, texts, max_size=5)
points: Final = st.integers(1, POINTS_MAX)
numbers: Final = st.integers(1, POINTS_MAX)
instants: Final = st.integers(0, TIME_MAX)
ends: Final = instants | st.just(NEVER)
places: Final = st.builds(Place, st.integers(0, 1023), numbers)

lots: Final = points.flatmap(
    lambda size: st.builds(
        Lot,
        part=st.just(PART),
        number=numbers,
        member_id=st.just("ada"),
        unit=texts,
        points=st.just(size),
        remaining=st.just(size),
        earn_time=instants,
        activate_time=ends | st.just(AT_ONCE),
        expire_time=ends,
        record_number=numbers,
        held=st.just(0),
        waits_for=texts,
        expiry=texts,
        origin=texts,
        ended=st.just(0),
        noticed_time=st.just(0),
        earner=texts,
    )
)
"""Lots of Ada as they were made: nothing drawn, nothing held."""

draws: Final = st.lists(st.builds(Draw, places, points, ends), max_size=3).map(tuple)

holds: Final = st.builds(
    Hold,
    part=st.just(PART),
    number=numbers,
    member_id=st.just("ada"),
    unit=texts,
    points=points,
    draws=draws,
    captured_points=st.integers(0, POINTS_MAX),
    voided_points=st.integers(0, POINTS_MAX),
    state=st.sampled_from(HoldState),
    place_time=instants,
    lapse_time=ends,
    update_time=instants,
    on_timeout=st.sampled_from(TimeoutAction),
    freeze_expiry=st.booleans(),
    sink=texts,
    reason=texts,
    record_number=numbers,
)
"""Holds of Ada, whole or not."""

signed: Final = st.integers(POINTS_MIN, POINTS_MAX)
items: Final = st.builds(Item, texts, numbers, numbers, texts, st.just({}))
activities: Final = st.builds(
    Activity,
    type=texts,
    occur_time=instants,
    money=numbers,
    currency=texts,
    quantity=numbers,
    channel=texts,
    sub_program=texts,
    partner=texts,
    items=st.lists(items, max_size=2).map(tuple),
    attributes=st.just({}),
)
"""Activities as they are recorded: without attributes."""

awards: Final = st.builds(
    Award,
    texts,
    numbers,
    texts,
    points,
    numbers,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(st.tuples(texts, points), max_size=2).map(tuple),
)
moves: Final = st.builds(Move, texts, signed, ends)
counter_moves: Final = st.builds(CounterMove, texts, instants, ends, signed, signed)
causes: Final = st.sampled_from(StandingCause)
standings: Final = st.builds(
    Standing,
    part=st.just(PART),
    member_id=st.just("ada"),
    ladder=texts,
    tier=texts,
    since_time=instants,
    until_time=ends,
    lose_time=ends,
    floor=texts,
    floor_until_time=ends,
    due_time=ends,
    cause=causes,
    update_time=instants,
    earned=texts,
    earned_time=instants,
    base=texts,
    history=st.lists(st.builds(TierChange, texts, instants, causes), max_size=2).map(
        tuple
    ),
)
"""Standings of Ada, likely or not."""

standing_changes: Final = st.builds(
    StandingChange,
    standings=st.lists(standings, max_size=2).map(tuple),
    operator=texts,
    reason=texts,
)

reserves: Final = st.just(NO_RESERVE) | st.builds(
    Reserve, name=texts.filter(bool), start_time=instants, end_time=ends
)
"""What pays for a claim: a counter has a name."""

claims: Final = st.builds(
    Claim,
    part=st.just(PART),
    number=numbers,
    position=numbers,
    member_id=st.just("ada"),
    rule_id=texts,
    award_number=numbers,
    unit=texts,
    points=points,
    create_time=instants,
    lapse_time=ends,
    budget=texts,
    state=st.sampled_from((ClaimState.OPEN, ClaimState.CLAIMED)),
    claim_record=numbers,
    reserve=reserves,
)

transactions: Final = st.builds(
    Transaction,
    postings=st.lists(
        st.builds(Posting, texts, texts, texts, points), min_size=1, max_size=3
    ).map(tuple),
    balance_after=st.integers(POINTS_MIN, POINTS_MAX),
    reason=texts,
    metadata=pairs,
    draws=draws,
    lots=st.lists(lots, max_size=2).map(tuple),
    returns=draws,
    retimed=st.lists(st.builds(Retimed, places, instants, ends), max_size=2).map(tuple),
    hold=st.none() | holds,
    reverses=st.none() | places,
    reason_code=st.none() | st.sampled_from(ReasonCode),
    operator=texts,
    counterparty=texts,
    counterparty_place=st.none() | places,
    activity=st.none() | activities,
    awards=st.lists(awards, max_size=2).map(tuple),
    moves=st.lists(moves, max_size=2).map(tuple),
    remainders=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    counters=st.lists(counter_moves, max_size=2).map(tuple),
    standings=st.lists(standings, max_size=1).map(tuple),
    claims=st.lists(claims, max_size=2).map(tuple),
    unswept=draws,
    returned_items=st.lists(texts, max_size=2).map(tuple),
    returns_all=st.booleans(),
)

members: Final = st.builds(
    Member,
    part=st.just(PART),
    member_id=st.just("ada"),
    state=st.sampled_from(MemberState),
    attributes=pairs,
    create_time=instants,
    update_time=instants,
    version=numbers,
    merged_into=texts,
)

bounds: Final = st.none() | st.integers(0, POINTS_MAX)
limits: Final = st.builds(
    Limits,
    member_id=st.just("ada"),
    unit=texts,
    floor=bounds,
    ceiling=bounds,
    velocities=st.lists(
        st.builds(Velocity, texts, texts, bounds, bounds), max_size=3
    ).map(tuple),
    operator=texts,
    reason=texts,
    update_time=instants,
)

closes: Final = st.builds(
    BooksClose,
    until_time=instants,
    operator=texts,
    reason=texts,
    lines=st.lists(
        st.tuples(texts, texts, st.integers(POINTS_MIN, POINTS_MAX)), max_size=3
    ).map(tuple),
)

versions: Final = st.builds(
    ProgramVersion,
    version=numbers,
    digest=texts,
    effective_time=instants,
    operator=texts,
    reason=texts,
    units=st.lists(st.tuples(texts, st.booleans()), max_size=3).map(tuple),
    unchanged=st.booleans(),
)

fundings: Final = st.builds(
    BudgetFunding,
    budget=texts,
    unit=texts,
    points=signed,
    left=st.integers(0, POINTS_MAX),
    operator=texts,
    reason=texts,
)

figures: Final = st.builds(
    FiguresReport,
    source=texts,
    period=texts,
    start_time=instants,
    end_time=ends,
    money=signed,
    money_before=signed,
    operator=texts,
    reason=texts,
)
"""Reports of money for periods that may never end."""
