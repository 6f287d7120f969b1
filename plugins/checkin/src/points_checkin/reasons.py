"""The reasons for which check-in says no."""

from __future__ import annotations

from typing import Final

from points.plugin import Answer, Reason


CAMPAIGN_UNKNOWN: Final = Reason(
    "CAMPAIGN_UNKNOWN", Answer.NOT_FOUND, "there is no campaign {campaign}"
)
CAMPAIGN_NOT_OPEN: Final = Reason(
    "CAMPAIGN_NOT_OPEN",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign} is not open on {date}",
)
MEMBER_NOT_ACTIVE: Final = Reason(
    "MEMBER_NOT_ACTIVE",
    Answer.FAILED_PRECONDITION,
    "the member {member_id} is {state}",
)
ZONE_INVALID: Final = Reason(
    "ZONE_INVALID",
    Answer.FAILED_PRECONDITION,
    "the attribute {attribute} is not the IANA name of a zone: {zone}",
)
DATE_INVALID: Final = Reason(
    "DATE_INVALID",
    Answer.INVALID_ARGUMENT,
    "{field} must be a day such as 2026-03-29, not {date}",
)
RANGE_INVALID: Final = Reason(
    "RANGE_INVALID",
    Answer.INVALID_ARGUMENT,
    "last_date must not be before first_date, nor over {days_max} days later",
)
COUNT_INVALID: Final = Reason(
    "COUNT_INVALID", Answer.INVALID_ARGUMENT, "count must be 0 to {count_max}"
)
TEXT_INVALID: Final = Reason(
    "TEXT_INVALID",
    Answer.INVALID_ARGUMENT,
    "{field} must have 1 to {characters_max} characters",
)
DATE_IN_FUTURE: Final = Reason(
    "DATE_IN_FUTURE", Answer.FAILED_PRECONDITION, "{date} has not begun: it is {today}"
)
DATE_NOT_OVER: Final = Reason(
    "DATE_NOT_OVER", Answer.FAILED_PRECONDITION, "{date} can still be checked in"
)
DATE_TOO_EARLY: Final = Reason(
    "DATE_TOO_EARLY",
    Answer.FAILED_PRECONDITION,
    "{date} is before {first_date}, the first day of the member in the campaign",
)
DATE_TAKEN: Final = Reason(
    "DATE_TAKEN", Answer.FAILED_PRECONDITION, "{date} is checked in already"
)
DATE_NOT_MISSED: Final = Reason(
    "DATE_NOT_MISSED", Answer.FAILED_PRECONDITION, "{date} was excused: it is {state}"
)
DATE_NOT_SIGNED: Final = Reason(
    "DATE_NOT_SIGNED", Answer.FAILED_PRECONDITION, "{date} is not checked in"
)
MAKE_UP_NOT_OFFERED: Final = Reason(
    "MAKE_UP_NOT_OFFERED",
    Answer.FAILED_PRECONDITION,
    "days of the campaign {campaign} cannot be made up",
)
MAKE_UP_TOO_LATE: Final = Reason(
    "MAKE_UP_TOO_LATE",
    Answer.FAILED_PRECONDITION,
    "{date} can no longer be made up: {first_date} is the first day that can",
)
MAKE_UP_LIMIT_REACHED: Final = Reason(
    "MAKE_UP_LIMIT_REACHED",
    Answer.FAILED_PRECONDITION,
    "{limit} days a month can be made up, and were",
)
FREEZES_NOT_OFFERED: Final = Reason(
    "FREEZES_NOT_OFFERED",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign} has no freezes",
)
FREEZES_FULL: Final = Reason(
    "FREEZES_FULL",
    Answer.FAILED_PRECONDITION,
    "{equipped} freezes are equipped, and {limit} can be",
)
REVERT_TOO_LATE: Final = Reason(
    "REVERT_TOO_LATE",
    Answer.FAILED_PRECONDITION,
    "the receipt of {date} is kept no longer",
)
NOTHING_REVERTED: Final = Reason(
    "NOTHING_REVERTED", Answer.FAILED_PRECONDITION, "no day has been taken back"
)
REVERT_OVERTAKEN: Final = Reason(
    "REVERT_OVERTAKEN",
    Answer.FAILED_PRECONDITION,
    "the calendar has changed since {date} was taken back",
)

ALL: Final = (
    CAMPAIGN_UNKNOWN,
    CAMPAIGN_NOT_OPEN,
    MEMBER_NOT_ACTIVE,
    ZONE_INVALID,
    DATE_INVALID,
    RANGE_INVALID,
    COUNT_INVALID,
    TEXT_INVALID,
    DATE_IN_FUTURE,
    DATE_NOT_OVER,
    DATE_TOO_EARLY,
    DATE_TAKEN,
    DATE_NOT_MISSED,
    DATE_NOT_SIGNED,
    MAKE_UP_NOT_OFFERED,
    MAKE_UP_TOO_LATE,
    MAKE_UP_LIMIT_REACHED,
    FREEZES_NOT_OFFERED,
    FREEZES_FULL,
    REVERT_TOO_LATE,
    NOTHING_REVERTED,
    REVERT_OVERTAKEN,
)
