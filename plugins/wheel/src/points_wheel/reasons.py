"""The reasons for which wheels refuse."""

from __future__ import annotations

from typing import Final

from points.plugin import Answer, Reason


WHEEL_UNKNOWN: Final = Reason(
    "WHEEL_UNKNOWN", Answer.NOT_FOUND, "there is no wheel {wheel_id}"
)
WHEEL_CLOSED: Final = Reason(
    "WHEEL_CLOSED", Answer.FAILED_PRECONDITION, "the wheel {wheel_id} is closed now"
)
ODDS_CHANGED: Final = Reason(
    "ODDS_CHANGED",
    Answer.FAILED_PRECONDITION,
    "the odds are no longer those that were shown: they are {odds_version}",
)
MEMBER_INACTIVE: Final = Reason(
    "MEMBER_INACTIVE", Answer.FAILED_PRECONDITION, "the member is {state}"
)
TIER_TOO_LOW: Final = Reason(
    "TIER_TOO_LOW", Answer.PERMISSION_DENIED, "the wheel is for the tiers {tiers}"
)
DRAWS_INVALID: Final = Reason(
    "DRAWS_INVALID", Answer.INVALID_ARGUMENT, "draws must be from 1 to {draws_max}"
)
PAYMENT_UNKNOWN: Final = Reason(
    "PAYMENT_UNKNOWN", Answer.INVALID_ARGUMENT, "the wheel does not cost {unit}"
)
SPINS_INSUFFICIENT: Final = Reason(
    "SPINS_INSUFFICIENT",
    Answer.FAILED_PRECONDITION,
    "only {left} draws of this kind are left",
)
DRAW_LIMIT: Final = Reason(
    "DRAW_LIMIT",
    Answer.RESOURCE_EXHAUSTED,
    "the limits of {scope} leave {left} draws",
)
SOLD_OUT: Final = Reason(
    "SOLD_OUT", Answer.FAILED_PRECONDITION, "nothing is left to be won"
)
NO_ROOM: Final = Reason(
    "NO_ROOM",
    Answer.FAILED_PRECONDITION,
    "{points} {unit} can be won, and limits leave the member room for {room}",
)
SEED_REQUIRED: Final = Reason(
    "SEED_REQUIRED",
    Answer.FAILED_PRECONDITION,
    "no seed is committed to yet: call RotateSeed first",
)
SEED_UNKNOWN: Final = Reason(
    "SEED_UNKNOWN", Answer.NOT_FOUND, "there is no seed {number}"
)
SEED_IN_USE: Final = Reason(
    "SEED_IN_USE",
    Answer.FAILED_PRECONDITION,
    "the seed {number} is still in use: {why}",
)
SEED_KEY_MISSING: Final = Reason(
    "SEED_KEY_MISSING",
    Answer.FAILED_PRECONDITION,
    "the key {key_id} of the seed is neither among the seed_keys nor the server's",
)
CLIENT_SEED_INVALID: Final = Reason(
    "CLIENT_SEED_INVALID",
    Answer.INVALID_ARGUMENT,
    "a client seed is 1 to 64 printable characters of ASCII without a colon",
)
SPIN_UNKNOWN: Final = Reason(
    "SPIN_UNKNOWN", Answer.NOT_FOUND, "there is no spin {spin_id}"
)
SPIN_MERGED: Final = Reason(
    "SPIN_MERGED",
    Answer.FAILED_PRECONDITION,
    "the member of the spin {spin_id} was merged, and what it brought with it",
)
SPIN_VOIDED: Final = Reason(
    "SPIN_VOIDED", Answer.FAILED_PRECONDITION, "the spin {spin_id} was taken back"
)
CARD_UNKNOWN: Final = Reason(
    "CARD_UNKNOWN", Answer.NOT_FOUND, "the spin {spin_id} has no draw {index}"
)
CARD_REVEALED: Final = Reason(
    "CARD_REVEALED", Answer.FAILED_PRECONDITION, "the card is scratched already"
)
CARD_HIDDEN: Final = Reason(
    "CARD_HIDDEN", Answer.FAILED_PRECONDITION, "the card is not scratched yet"
)
CARD_LAPSED: Final = Reason(
    "CARD_LAPSED", Answer.FAILED_PRECONDITION, "the card was not scratched in time"
)
DEVICE_GROUP_INVALID: Final = Reason(
    "DEVICE_GROUP_INVALID",
    Answer.INVALID_ARGUMENT,
    "device_group must be told here, in at most {characters_max} characters",
)
CARDS_WAITING: Final = Reason(
    "CARDS_WAITING",
    Answer.RESOURCE_EXHAUSTED,
    "only {left} more cards may wait to be scratched",
)
ITEM_NONE: Final = Reason(
    "ITEM_NONE", Answer.FAILED_PRECONDITION, "the prize {prize_id} is not an item"
)
ITEM_CLAIMED: Final = Reason(
    "ITEM_CLAIMED", Answer.FAILED_PRECONDITION, "the item is claimed already"
)
CLAIM_LAPSED: Final = Reason(
    "CLAIM_LAPSED", Answer.FAILED_PRECONDITION, "the item was not claimed in time"
)
OPERATOR_MISSING: Final = Reason(
    "OPERATOR_MISSING", Answer.INVALID_ARGUMENT, "operator must say who answers for it"
)
PAGE_TOKEN_INVALID: Final = Reason(
    "PAGE_TOKEN_INVALID", Answer.INVALID_ARGUMENT, "page_token is not one of ours"
)
PAGE_SIZE_INVALID: Final = Reason(
    "PAGE_SIZE_INVALID", Answer.INVALID_ARGUMENT, "page_size must not be negative"
)

ALL: Final = tuple(value for value in globals().values() if isinstance(value, Reason))
