"""The kinds of values in a document. No float ever: fractions are exact."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from points.domain.bounds import POINTS_MAX, REASON_CHARACTERS_MAX, UNIT_CHARACTERS_MAX
from points.domain.calendar.documents import format_policy, parse_policy
from points.domain.calendar.periods import Period, parse_period
from points.domain.calendar.policies import Policy
from points.domain.calendar.zones import zone_of
from points.domain.refusals import InvalidArgument
from points.program.cel.compiling import Result, compile_expression
from points.program.cel.environment import Scope


_FAR: Final = date(2500, 1, 1)

TERM_MAX: Final = 10**9
"""Largest numerator and denominator of a ratio: products of several stay small."""

_NAME: Final = rf"[A-Za-z][A-Za-z0-9_.-]{{0,{UNIT_CHARACTERS_MAX - 1}}}"
_RATIO: Final = r"[0-9]{1,10}(\.[0-9]{1,9}|/[0-9]{1,10})?"
_CURRENCY: Final = r"[A-Z]{3}"


class Table(BaseModel):
    """Is a table of a document: frozen, with the keys it declares and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class OneOf(Table):
    """Is a table with exactly one of its keys."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        given = [name for name in type(self).model_fields if self._has(name)]
        if len(given) != 1:
            names = ", ".join(type(self).model_fields)
            found = f", not {' and '.join(given)}" if given else ""
            raise ValueError(f"must have one of {names}{found}")
        return self

    @property
    def form(self) -> str:
        """Returns the key that is there."""
        return next(name for name in type(self).model_fields if self._has(name))

    def _has(self, name: str) -> bool:
        return getattr(self, name) not in (None, (), False)


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if compiled.fullmatch(text):
            return text
        raise ValueError(f"must be {what}, not {text[:64]!r}")

    return check


def _calling(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns the parser of the domain with errors that pydantic collects."""

    def call(value: Any) -> Any:
        try:
            return parse(value)
        except InvalidArgument as refused:
            raise ValueError(_without_field(refused)) from None

    return call


def _period(value: object) -> Period:
    period = value if isinstance(value, Period) else parse_period(value)
    try:
        period.after(_FAR)
    except OverflowError:
        raise ValueError("must be shorter: the calendar ends in 9999") from None
    return period


def _policy(value: object) -> Policy:
    return value if isinstance(value, Policy) else parse_policy(value)


def _without_field(refused: InvalidArgument) -> str:
    field, what = next(iter(refused.violations.items()))
    key = field.partition(".")[2]
    return f"{key} {what}" if key else what


Name = Annotated[
    str,
    AfterValidator(
        _matching(
            _NAME,
            f"1 to {UNIT_CHARACTERS_MAX} letters, digits, '_', '.' or '-',"
            " a letter first",
        )
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"}),
]
"""Is what something is called in a document and on the wire."""

Title = Annotated[str, Field(max_length=REASON_CHARACTERS_MAX)]
"""Is words for people."""

Count = Annotated[int, Field(strict=True, ge=1, le=POINTS_MAX)]
"""Is how many there are, at least one."""

Amount = Annotated[int, Field(strict=True, ge=0, le=POINTS_MAX)]
"""Is points or minor units of money, from none on."""

Flag = StrictBool
"""Is true or false."""


def _plain(value: object) -> object:
    if isinstance(value, str | int):
        return value
    raise ValueError(f"must be a text, a whole number, true or false, not {value}")


Plain = Annotated[
    Any,
    AfterValidator(_plain),
    WithJsonSchema({"type": ["string", "integer", "boolean"]}),
]
"""Is a value that is only passed on: a text, a whole number, true or false."""

CurrencyCode = Annotated[
    str,
    AfterValidator(_matching(_CURRENCY, "a currency of ISO 4217 such as EUR")),
    WithJsonSchema({"type": "string", "pattern": f"^{_CURRENCY}$"}),
]
"""Is three capital letters."""


def parse_ratio(value: object) -> Fraction:
    """Returns the exact number that 3, 1.5, "1.5" or "3/2" means.

    Raises ValueError unless both its terms are at most TERM_MAX.
    """
    try:
        ratio = _fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        shown = repr(value)[:64] if not isinstance(value, Decimal) else str(value)[:64]
        raise ValueError(f"must be a number such as 1.5 or 3/2, not {shown}") from None
    if ratio < 0:
        raise ValueError(f"must not be below zero, which {ratio} is")
    if max(ratio.numerator, ratio.denominator) > TERM_MAX:
        raise ValueError(f"must be a fraction of numbers up to {TERM_MAX}")
    return ratio


def _fraction(value: object) -> Fraction:
    if isinstance(value, str) and not re.fullmatch(_RATIO, value, re.ASCII):
        raise ValueError(value)
    if isinstance(value, Decimal) and abs(value.adjusted()) > len(str(TERM_MAX)):
        raise ValueError(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | Fraction):
        raise ValueError(value)  # noqa: TRY004 - told with the other malformed ones
    return Fraction(value)


Ratio = Annotated[
    Fraction,
    BeforeValidator(parse_ratio),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": f"^{_RATIO}$"},
            ]
        }
    ),
]
"""Is an exact number from zero on."""


def _positive(ratio: Fraction) -> Fraction:
    if ratio == 0:
        raise ValueError("must be above zero")
    return ratio


Rate = Annotated[Ratio, AfterValidator(_positive)]
"""Is an exact number above zero."""

Days = Annotated[
    Period,
    BeforeValidator(_calling(_period)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^P[0-9]", "examples": ["P12M"]}),
]
"""Is a length of the calendar, such as P12M or P90D."""

Expiry = Annotated[
    Policy,
    BeforeValidator(_calling(_policy)),
    PlainSerializer(format_policy, return_type=dict[str, Any]),
    WithJsonSchema(
        {
            "type": "object",
            "examples": [{"never": True}, {"after": "P12M", "round": "END_OF_MONTH"}],
        }
    ),
]
"""Is how points expire: a table of `points.domain.calendar.documents`."""


def _zone(value: object) -> ZoneInfo:
    return value if isinstance(value, ZoneInfo) else zone_of(str(value))


Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_calling(_zone)),
    PlainSerializer(lambda zone: zone.key, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]}),
]
"""Is an IANA zone."""


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or moment.second or text[4:5] != "-":
        raise ValueError(
            "must be a local date or minute such as 2026-11-27 or 2026-11-27T18:00,"
            f" not {text[:64]!r}"
        )
    return text


Moment = Annotated[str, AfterValidator(_moment)]
"""Is a date or a minute on the clocks of the program's zone."""


def _clock(text: str) -> str:
    try:
        known = text == time.fromisoformat(text).isoformat("minutes")
    except ValueError:
        known = False
    if not known and text != "24:00":
        raise ValueError(f"must be a time of day such as 18:00, not {text[:64]!r}")
    return text


Clock = Annotated[str, AfterValidator(_clock)]
"""Is a time of day, 00:00 to 24:00."""


def _compiling(scope: Scope, result: Result) -> AfterValidator:
    def check(text: str) -> str:
        compile_expression(text, scope, result)
        return text

    return AfterValidator(check)


MemberCondition: TypeAlias = Annotated[str, _compiling(Scope.MEMBER, Result.BOOL)]
"""Is a question about a member."""

Condition: TypeAlias = Annotated[str, _compiling(Scope.ACTIVITY, Result.BOOL)]
"""Is a question about an activity and its member."""

Formula: TypeAlias = Annotated[str, _compiling(Scope.ACTIVITY, Result.INT)]
"""Is a number of points for an activity."""

KeyText: TypeAlias = Annotated[str, _compiling(Scope.ACTIVITY, Result.STRING)]
"""Is a text that sets counters apart, such as a device."""

ItemCondition: TypeAlias = Annotated[str, _compiling(Scope.ITEM, Result.BOOL)]
"""Is a question about one item of an activity."""

StandingFormula: TypeAlias = Annotated[str, _compiling(Scope.STANDING, Result.INT)]
"""Is a number that tiers compare with their thresholds."""
