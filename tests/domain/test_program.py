"""The program: units that can be earned, units that can be burned, sinks."""

from __future__ import annotations

import pytest

from points.domain.program import Unit
from points.domain.refusals import SinkUnknown, UnitNotSpendable, UnitUnknown
from tests.domain.build import PROGRAM


@pytest.mark.parametrize(
    ("code", "spendable"),
    [("points", True), ("miles", True), ("qualifying_points", False)],
)
def test_currency_is_spendable_and_growth_is_not(code: str, *, spendable: bool) -> None:
    assert PROGRAM.unit(code) == Unit(code, spendable=spendable)


def test_a_unit_that_the_program_lacks_is_unknown() -> None:
    with pytest.raises(UnitUnknown) as refused:
        PROGRAM.unit("stars")

    assert refused.value == UnitUnknown("stars")


def test_currency_can_be_spent() -> None:
    assert PROGRAM.spendable_unit("miles").code == "miles"


def test_growth_cannot_be_spent() -> None:
    with pytest.raises(UnitNotSpendable) as refused:
        PROGRAM.spendable_unit("qualifying_points")

    assert refused.value == UnitNotSpendable("qualifying_points")


def test_a_sink_of_the_program_passes() -> None:
    PROGRAM.check_sink("donation")


def test_a_sink_that_the_program_lacks_is_unknown() -> None:
    with pytest.raises(SinkUnknown) as refused:
        PROGRAM.check_sink("void")

    assert refused.value == SinkUnknown("void")
