"""Runs of usable lots: always in the order of drawing, and undone exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from points.domain.state import OpenLots
from points.domain.values import Lot
from points.engine.runs import Run, Several
from tests.domain.build import lot


lots = st.builds(
    lambda number, expire_time, remaining: lot(
        number=number, expire_time=expire_time, remaining=remaining
    ),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 100),
)


def in_order(known: dict[int, Lot]) -> list[Lot]:
    """Returns the lots in the order of drawing."""
    return sorted(known.values(), key=lambda o: (o.expire_time, o.number))


@given(st.lists(lots, max_size=30), st.lists(st.integers(1, 6)))
def test_a_run_is_what_sorting_would_make_of_it(
    put: list[Lot], taken: list[int]
) -> None:
    run, known = Run(OpenLots([], complete=True)), {}
    for one in put:
        run[one.number] = known[one.number] = one
        assert run.lots == in_order(known)
    for number in {*taken} & known.keys():
        del run[number]
        del known[number]
        assert run.lots == in_order(known)


@given(st.lists(lots, max_size=10), lots)
def test_putting_the_old_lot_back_undoes_a_change(put: list[Lot], new: Lot) -> None:
    run = Run(OpenLots([], complete=True))
    for one in put:
        run[one.number] = one
    before, old = list(run.lots), run.get(new.number, None)

    run[new.number] = new
    if old is None:
        del run[new.number]
    else:
        run[new.number] = old

    assert run.lots == before


@given(st.lists(lots, max_size=10), st.integers(0, 12))
def test_a_front_that_is_put_back_stands_where_it_stood(
    put: list[Lot], count: int
) -> None:
    run = Run(OpenLots([], complete=True))
    for one in put:
        run[one.number] = one
    before = list(run.lots)

    front = run.take_front(count)
    left = list(run.lots)
    run.put_front(front)

    assert (front, left, run.lots) == (before[:count], before[count:], before)
    assert all(run.get(one.number, None) == one for one in before)


def test_the_front_ends_with_the_first_lot_that_is_not_empty() -> None:
    one, two, three = (lot(number=number, remaining=9) for number in (1, 2, 3))
    run = Run(OpenLots([one, two, three], complete=True))

    fronts = [
        run.in_front(drawn)
        for drawn in (
            [one.moved(-9), two.moved(-9), three.moved(-4)],
            [one.moved(-4)],
            [two.moved(-9)],
            [],
        )
    ]

    assert fronts == [2, 0, 0, 0]


def test_a_run_that_was_cut_does_not_reach_behind_its_last_lot() -> None:
    near, far = lot(number=1, expire_time=5), lot(number=2, expire_time=9)
    between = lot(number=3, expire_time=7)

    reaches = [
        Run(OpenLots(found, complete)).reaches(between)
        for found in ([near], [near, far], [])
        for complete in (True, False)
    ]

    assert reaches == [True, False, True, True, True, False]


def test_the_lots_that_were_read_stay_as_they_were() -> None:
    read = [lot(number=1)]
    run = Run(OpenLots(read, complete=True))

    run[2] = lot(number=2)

    assert read == [lot(number=1)]


def test_several_lots_are_put_back_and_new_ones_taken_out() -> None:
    old, new = lot(number=1, remaining=9), lot(number=2)
    here = {old[:2]: old.moved(-9), new[:2]: new}

    Several(here)[[old[:2], new[:2]]] = [old, None]

    assert here == {old[:2]: old}
