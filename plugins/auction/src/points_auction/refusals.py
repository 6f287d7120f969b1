"""The reasons for which the plugin says no."""

from __future__ import annotations

from typing import Final

from points.plugin import Answer, Reason


AUCTION_UNKNOWN: Final = Reason(
    "AUCTION_UNKNOWN", Answer.NOT_FOUND, "there is no auction {auction_id}"
)
AUCTION_EXISTS: Final = Reason(
    "AUCTION_EXISTS", Answer.ALREADY_EXISTS, "there is an auction {auction_id}"
)
TERMS_INVALID: Final = Reason(
    "TERMS_INVALID", Answer.INVALID_ARGUMENT, "{field} {problem}"
)
TIER_NOT_RANKED: Final = Reason(
    "TIER_NOT_RANKED",
    Answer.INVALID_ARGUMENT,
    "the configuration ranks no tier {tier} on a ladder {ladder}",
)
AUCTION_NOT_STARTED: Final = Reason(
    "AUCTION_NOT_STARTED",
    Answer.FAILED_PRECONDITION,
    "auction {auction_id} has not begun",
)
AUCTION_ENDED: Final = Reason(
    "AUCTION_ENDED", Answer.FAILED_PRECONDITION, "auction {auction_id} is over"
)
AUCTION_NOT_ENDED: Final = Reason(
    "AUCTION_NOT_ENDED",
    Answer.FAILED_PRECONDITION,
    "auction {auction_id} cannot be settled yet",
)
BIDS_OPEN: Final = Reason(
    "BIDS_OPEN",
    Answer.FAILED_PRECONDITION,
    "{member_id} has paid a bid in auction {auction_id}, which is not over",
)
SELF_BID: Final = Reason(
    "SELF_BID",
    Answer.FAILED_PRECONDITION,
    "{member_id} sells what is bid for, or is the charity that gets a part",
)
TIER_TOO_LOW: Final = Reason(
    "TIER_TOO_LOW",
    Answer.FAILED_PRECONDITION,
    "{member_id} is below the tier {minimum_tier} on {ladder}",
)
BID_LIMIT_REACHED: Final = Reason(
    "BID_LIMIT_REACHED",
    Answer.RESOURCE_EXHAUSTED,
    "{member_id} has made {bids_max} bids already",
)
BID_TOO_HIGH: Final = Reason(
    "BID_TOO_HIGH",
    Answer.FAILED_PRECONDITION,
    "{points} points are more than the {maximum} that may be bid",
)
BID_TOO_LOW: Final = Reason(
    "BID_TOO_LOW",
    Answer.FAILED_PRECONDITION,
    "{points} points are less than the {minimum} that have to be bid",
)
BID_NOT_RAISED: Final = Reason(
    "BID_NOT_RAISED",
    Answer.FAILED_PRECONDITION,
    "{points} points are no more than the {present} that lead already",
)
PRICE_ABOVE_LIMIT: Final = Reason(
    "PRICE_ABOVE_LIMIT",
    Answer.FAILED_PRECONDITION,
    "the price is {price}, above the limit of {points}",
)
PRICE_NOT_PAID: Final = Reason(
    "PRICE_NOT_PAID",
    Answer.FAILED_PRECONDITION,
    "a limit of {member_id} lets {points} points neither go nor burn",
)
BID_UNKNOWN: Final = Reason(
    "BID_UNKNOWN", Answer.NOT_FOUND, "{member_id} has no bid in auction {auction_id}"
)
WITHDRAWAL_NOT_ALLOWED: Final = Reason(
    "WITHDRAWAL_NOT_ALLOWED",
    Answer.FAILED_PRECONDITION,
    "bids in auction {auction_id} stand",
)
COMMITMENT_MALFORMED: Final = Reason(
    "COMMITMENT_MALFORMED",
    Answer.INVALID_ARGUMENT,
    "auction {auction_id} takes {expected}",
)
COMMITMENT_MISMATCH: Final = Reason(
    "COMMITMENT_MISMATCH",
    Answer.FAILED_PRECONDITION,
    "points and salt are not what {member_id} committed to",
)
REVEAL_NOT_OPEN: Final = Reason(
    "REVEAL_NOT_OPEN",
    Answer.FAILED_PRECONDITION,
    "bids of auction {auction_id} are not revealed now",
)
BIDS_HIDDEN: Final = Reason(
    "BIDS_HIDDEN",
    Answer.FAILED_PRECONDITION,
    "bids of auction {auction_id} are not known yet: ask for those of a member",
)
BID_KEY_MISSING: Final = Reason(
    "BID_KEY_MISSING",
    Answer.FAILED_PRECONDITION,
    "the key {key_id} of a bid is neither among the bid_keys nor the server's",
)
BID_KEY_REQUIRED: Final = Reason(
    "BID_KEY_REQUIRED",
    Answer.FAILED_PRECONDITION,
    "sealed bids need a key outside the ledger (--keys, bid_keys), or reveal",
)
PAGE_TOKEN_MALFORMED: Final = Reason(
    "PAGE_TOKEN_MALFORMED",
    Answer.INVALID_ARGUMENT,
    "the page token is not one of this list",
)

REASONS: Final = (
    AUCTION_UNKNOWN,
    AUCTION_EXISTS,
    TERMS_INVALID,
    TIER_NOT_RANKED,
    AUCTION_NOT_STARTED,
    AUCTION_ENDED,
    AUCTION_NOT_ENDED,
    BIDS_OPEN,
    SELF_BID,
    TIER_TOO_LOW,
    BID_LIMIT_REACHED,
    BID_TOO_HIGH,
    BID_TOO_LOW,
    BID_NOT_RAISED,
    PRICE_ABOVE_LIMIT,
    PRICE_NOT_PAID,
    BID_UNKNOWN,
    WITHDRAWAL_NOT_ALLOWED,
    COMMITMENT_MALFORMED,
    COMMITMENT_MISMATCH,
    REVEAL_NOT_OPEN,
    BIDS_HIDDEN,
    BID_KEY_MISSING,
    BID_KEY_REQUIRED,
    PAGE_TOKEN_MALFORMED,
)
