"""Where the other half of a decision stands."""

from __future__ import annotations

from points.domain.decisions.sides import side_stamp
from tests.domain.build import PART, stamp
from tests.domain.worlds import world


def test_a_side_in_the_same_part_stands_behind_its_record_and_the_lots_of_it() -> None:
    here = stamp()

    there = side_stamp(world(), here, PART, made_lot_count=3)

    assert there == here._replace(
        number=here.number + 1, lot_number=here.lot_number + 3
    )


def test_a_side_in_another_part_is_the_next_record_there() -> None:
    there = side_stamp(world(), stamp(), PART + 1, made_lot_count=3)

    assert there == world().stamp(PART + 1)
