"""Units, money, and when earned points become usable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from points.domain.calendar.policies import Never
from points.program.document.fields import (
    Count,
    CurrencyCode,
    Days,
    Expiry,
    Name,
    Rate,
    Table,
    Title,
)


_NO_MINOR: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"}
    | {"PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DIGITS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor_digits(currency: str) -> int:
    """Returns the decimals of a currency (ISO 4217)."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


class UnitKind(StrEnum):
    """Tells what a unit is for."""

    CURRENCY = "currency"
    """Is earned and burned."""

    GROWTH = "growth"
    """Is earned and only counts, towards tiers for example."""


class Pending(Table):
    """Says when points become usable: after a period, or once something happened.

    A lot that waits for an event is cancelled `cancel_after` its earning.
    """

    after: Days | None = Field(None, description="usable this long after")
    until_event: Name | None = Field(None, description="usable once this happened")
    cancel_after: Days | None = Field(None, description="longest wait for the event")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.after is None) == (self.until_event is None):
            raise ValueError("must have either after or until_event")
        if (self.cancel_after is None) != (self.until_event is None):
            raise ValueError("must have cancel_after with until_event and only then")
        return self


class UnitValue(Table):
    """Says what points are worth: so many for so many minor units of money."""

    points: Count
    money: Count


class Unit(Table):
    """Is something that points are counted in."""

    kind: UnitKind = Field(description="currency is burned, growth only counts")
    title: Title = ""
    expiry: Expiry = Field(Never(), description="how its points expire")
    pending: Pending | None = Field(None, description="for rules without their own")
    value: UnitValue | None = Field(None, description="what it is worth in money")
    notice: Days | None = Field(None, description="its expiry is announced so early")

    @property
    def is_spendable(self) -> bool:
        """Says whether its points can be burned."""
        return self.kind is UnitKind.CURRENCY


class Money(Table):
    """Is the program's currency, and what a unit of others is worth in it."""

    currency: CurrencyCode
    rates: Mapping[CurrencyCode, Rate] = Field(
        {}, description="one EUR, say, in the program's currency"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.currency in self.rates:
            raise ValueError(f"rates must leave {self.currency} out: it is the base")
        return self
