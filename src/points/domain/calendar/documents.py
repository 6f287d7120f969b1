"""Expiry policies as a configuration writes them: small tables, typed by a key.

    {"never": true}
    {"after": "P12M", "round": "END_OF_MONTH"}
    {"after": "P12M", "round": "END_OF_CHOSEN_MONTH", "month": 3}
    {"after": "P6M", "reset_by": ["BURN", "EARN"]}
    {"on": ["06-30", "12-31"], "minimum": "P3M"}
    {"on_anniversary": true, "minimum": "P1M"}

`round`, `month` and `minimum` may be left out; `reset_by` makes a period slide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from points.domain.calendar.periods import ZERO, Period, parse_period
from points.domain.calendar.policies import (
    AfterPeriod,
    Never,
    OnAnniversary,
    OnDates,
    Policy,
    Rounding,
    Sliding,
)
from points.domain.refusals import InvalidArgument


Document: TypeAlias = Mapping[str, object]

_DATE: Final = re.compile(r"(\d\d)-(\d\d)", re.ASCII)


def parse_policy(document: object, field: str = "expiry") -> Policy:
    """Returns the policy that the table means.

    Raises InvalidArgument that names the key, as in `expiry.round`, and says
    what to write there.
    """
    if not isinstance(document, Mapping):
        raise InvalidArgument({field: 'must be a table such as {"after": "P12M"}'})
    form = next((name for name in _FORMS if name in document), None)
    if form is None:
        raise InvalidArgument({field: f"must have one of {', '.join(_FORMS)}"})
    parse, keys = _FORMS[form]
    try:
        _check_keys(document, keys)
        return parse(document)
    except InvalidArgument as refused:
        violations = {
            f"{field}.{key}": what for key, what in refused.violations.items()
        }
        raise InvalidArgument(violations) from None


def format_policy(policy: Policy) -> dict[str, object]:
    """Returns the table that `parse_policy` reads; defaults are left out."""
    match policy:
        case Never():
            return {"never": True}
        case AfterPeriod():
            return _after(policy)
        case Sliding(after, resets):
            return _after(after) | {"reset_by": sorted(resets)}
        case OnDates(dates, minimum):
            texts = [f"{month:02}-{day:02}" for month, day in sorted(dates)]
            return {"on": texts} | _minimum(minimum)
        case OnAnniversary(minimum):
            return {"on_anniversary": True} | _minimum(minimum)


def _after(policy: AfterPeriod) -> dict[str, object]:
    table: dict[str, object] = {"after": str(policy.period)}
    if policy.rounding is not Rounding.NONE:
        table["round"] = policy.rounding.value
    if policy.month is not None:
        table["month"] = policy.month
    return table


def _minimum(period: Period) -> dict[str, object]:
    return {} if period.is_zero else {"minimum": str(period)}


def _parse_never(document: Document) -> Never:
    _check_true(document, "never")
    return Never()


def _parse_after(document: Document) -> AfterPeriod | Sliding:
    period = parse_period(document["after"], "after")
    after = AfterPeriod(period, _parse_rounding(document), _parse_month(document))
    if "reset_by" not in document:
        return after
    return Sliding(after, frozenset(_texts(document, "reset_by", '["BURN", "EARN"]')))


def _parse_on(document: Document) -> OnDates:
    texts = _texts(document, "on", '["06-30", "12-31"]')
    dates = frozenset(_parse_date(text) for text in texts)
    return OnDates(dates, _parse_minimum(document))


def _parse_on_anniversary(document: Document) -> OnAnniversary:
    _check_true(document, "on_anniversary")
    return OnAnniversary(_parse_minimum(document))


def _parse_rounding(document: Document) -> Rounding:
    written = document.get("round", "NONE")
    try:
        return Rounding(written)  # type: ignore[arg-type]  # any value may be asked
    except ValueError:
        names = ", ".join(Rounding)
        what = f"must be one of {names}, not {_shown(written)}"
        raise InvalidArgument({"round": what}) from None


def _parse_month(document: Document) -> int | None:
    month = document.get("month")
    if month is None or type(month) is int:
        return month
    raise InvalidArgument({"month": f"must be 1 to 12, not {_shown(month)}"})


def _parse_minimum(document: Document) -> Period:
    if "minimum" not in document:
        return ZERO
    return parse_period(document["minimum"], "minimum")


def _parse_date(text: str) -> tuple[int, int]:
    match = _DATE.fullmatch(text)
    if match is None:
        what = f"must hold dates such as 12-31, not {_shown(text)}"
        raise InvalidArgument({"on": what})
    return int(match[1]), int(match[2])


def _texts(document: Document, key: str, example: str) -> list[str]:
    values = document[key]
    if not isinstance(values, list | tuple):
        raise InvalidArgument({key: f"must be a list such as {example}"})
    for value in values:
        if not isinstance(value, str):
            what = f"must be a list of texts such as {example}, not of {_shown(value)}"
            raise InvalidArgument({key: what})
    return list(values)


def _check_true(document: Document, key: str) -> None:
    if document[key] is not True:
        raise InvalidArgument({key: f"must be true, not {_shown(document[key])}"})


def _check_keys(document: Document, keys: tuple[str, ...]) -> None:
    unknown = next((key for key in document if key not in keys), None)
    if unknown is not None:
        what = f"does not belong here: the keys are {', '.join(keys)}"
        raise InvalidArgument({str(unknown)[:64]: what})


def _shown(value: object) -> str:
    return repr(value)[:64]


_FORMS: Final[Mapping[str, tuple[Callable[[Document], Policy], tuple[str, ...]]]] = {
    "never": (_parse_never, ("never",)),
    "after": (_parse_after, ("after", "round", "month", "reset_by")),
    "on": (_parse_on, ("on", "minimum")),
    "on_anniversary": (_parse_on_anniversary, ("on_anniversary", "minimum")),
}
