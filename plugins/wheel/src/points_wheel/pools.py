"""A wheel whose odds add up."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from points_wheel.checking import check_terms
from points_wheel.terms import Terms


class Pool(Terms):
    """Is a wheel: one pool of prizes, drawn from by one engine whatever it looks like.

    It does what it says: nothing that `check_terms` finds is wrong with it.
    """

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_terms(self)
        return self
