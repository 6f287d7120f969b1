"""Hypothesis strategies for what the ledger is made of."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from points.domain.bounds import AT_ONCE, NEVER, POINTS_MAX, POINTS_MIN, TIME_MAX
from points.domain.identity import Place
from points.domain.values import (
    Draw,
    Lot,
    Member,
    MemberState,
    Posting,
    Transaction,
)
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
        activate_time=instants | st.just(AT_ONCE),
        expire_time=ends,
        record_number=numbers,
        ended=st.just(0),
    )
)
"""Lots of Ada as they were made: nothing drawn."""

transactions: Final = st.builds(
    Transaction,
    postings=st.lists(
        st.builds(Posting, texts, texts, texts, points), min_size=1, max_size=3
    ).map(tuple),
    balance_after=st.integers(POINTS_MIN, POINTS_MAX),
    reason=texts,
    metadata=pairs,
    draws=st.lists(st.builds(Draw, places, points, ends), max_size=3).map(tuple),
    lots=st.lists(lots, max_size=2).map(tuple),
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
)
