"""The reasons for which donations are refused."""

from __future__ import annotations

from typing import Final

from points.plugin import Answer, Reason


CAMPAIGN_UNKNOWN: Final = Reason(
    "CAMPAIGN_UNKNOWN", Answer.NOT_FOUND, "there is no campaign {campaign_id}"
)
CAUSE_UNKNOWN: Final = Reason(
    "CAUSE_UNKNOWN", Answer.NOT_FOUND, "there is no cause {cause_id}"
)
ROUND_UNKNOWN: Final = Reason(
    "ROUND_UNKNOWN", Answer.NOT_FOUND, "there is no round {round_id}"
)
CAMPAIGN_CLOSED: Final = Reason(
    "CAMPAIGN_CLOSED",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign_id} is not open now",
)
CAMPAIGN_NOT_OVER: Final = Reason(
    "CAMPAIGN_NOT_OVER",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign_id} is not settled yet",
)
ROUND_NOT_OVER: Final = Reason(
    "ROUND_NOT_OVER", Answer.FAILED_PRECONDITION, "the round {round_id} is not over yet"
)
ROUND_CLOSED: Final = Reason(
    "ROUND_CLOSED", Answer.FAILED_PRECONDITION, "the round {round_id} was closed"
)
POINTS_INVALID: Final = Reason(
    "POINTS_INVALID", Answer.INVALID_ARGUMENT, "points must be positive"
)
DONATION_SIZE: Final = Reason(
    "DONATION_SIZE",
    Answer.OUT_OF_RANGE,
    "a donation to {campaign_id} is from {donation_min} to {donation_max} points",
)
MEMBER_CAP: Final = Reason(
    "MEMBER_CAP",
    Answer.RESOURCE_EXHAUSTED,
    "a member may give {left} more points to {campaign_id}",
)
GOAL_REACHED: Final = Reason(
    "GOAL_REACHED",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign_id} takes only {left} more points",
)
MATCH_EXHAUSTED: Final = Reason(
    "MATCH_EXHAUSTED",
    Answer.FAILED_PRECONDITION,
    "the donation would be matched by {matched} points, not by {offered}",
)
ANONYMOUS_FORBIDDEN: Final = Reason(
    "ANONYMOUS_FORBIDDEN",
    Answer.FAILED_PRECONDITION,
    "donors of {campaign_id} are named",
)
ALIAS_INVALID: Final = Reason(
    "ALIAS_INVALID", Answer.INVALID_ARGUMENT, "an alias has at most 64 characters"
)
MEMBER_INACTIVE: Final = Reason(
    "MEMBER_INACTIVE", Answer.FAILED_PRECONDITION, "the member is {state}"
)
MATCHING_NONE: Final = Reason(
    "MATCHING_NONE", Answer.FAILED_PRECONDITION, "{pool_id} matches no donations"
)
POOL_FULL: Final = Reason(
    "POOL_FULL",
    Answer.RESOURCE_EXHAUSTED,
    "{pool_id} has {holds_max} holds already: fund it with fewer, larger ones",
)
DONATION_UNKNOWN: Final = Reason(
    "DONATION_UNKNOWN",
    Answer.NOT_FOUND,
    "the member gave no donation {number} to {campaign_id}",
)
DONATION_FINAL: Final = Reason(
    "DONATION_FINAL",
    Answer.FAILED_PRECONDITION,
    "the donation was made into money and stays",
)
DONATION_REVERSED: Final = Reason(
    "DONATION_REVERSED",
    Answer.FAILED_PRECONDITION,
    "the donation is {state} and cannot be reversed",
)
RECEIPT_NONE: Final = Reason(
    "RECEIPT_NONE",
    Answer.FAILED_PRECONDITION,
    "the donation is held until the campaign ends: it has no receipt yet",
)
NOTHING_TO_DISBURSE: Final = Reason(
    "NOTHING_TO_DISBURSE",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign_id} has nothing to be made into money",
)
OPERATOR_MISSING: Final = Reason(
    "OPERATOR_MISSING",
    Answer.INVALID_ARGUMENT,
    "operator must say who answers for it, in 1 to 128 characters",
)
EVERY_MISSING: Final = Reason(
    "EVERY_MISSING", Answer.INVALID_ARGUMENT, "every must say how often"
)
RECURRING_UNKNOWN: Final = Reason(
    "RECURRING_UNKNOWN",
    Answer.NOT_FOUND,
    "there is no recurring donation {recurring_id}",
)
RECURRING_ENDED: Final = Reason(
    "RECURRING_ENDED",
    Answer.FAILED_PRECONDITION,
    "the recurring donation {recurring_id} was ended",
)
PLEDGE_INVALID: Final = Reason(
    "PLEDGE_INVALID",
    Answer.INVALID_ARGUMENT,
    "basis_points must be from 0 to 10000",
)
PLEDGES_NOT_TAKEN: Final = Reason(
    "PLEDGES_NOT_TAKEN",
    Answer.FAILED_PRECONDITION,
    "the campaign {campaign_id} has no earn_rate, and takes no pledges",
)
PAGE_TOKEN_INVALID: Final = Reason(
    "PAGE_TOKEN_INVALID", Answer.INVALID_ARGUMENT, "page_token is not one of ours"
)

ALL: Final = tuple(value for value in globals().values() if isinstance(value, Reason))
