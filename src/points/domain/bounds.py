"""Every limit of the core, with its reason."""

from __future__ import annotations

from typing import Final


POINTS_MAX: Final = 2**63 - 1
"""Most points on the wire and in one account: both databases count in int64."""

POINTS_MIN: Final = -POINTS_MAX
"""Lowest balance of a house account, the mirror of `POINTS_MAX`."""

NEVER: Final = 2**63 - 1
"""Expiry of a lot that never expires: sorts after every real instant."""

AT_ONCE: Final = 0
"""Activation of a lot that was usable from the start."""

UNSET: Final = -1
"""Instant of a field that the caller left out."""

TIME_MAX: Final = 253_402_300_799_999_999
"""Last microsecond of the year 9999, the end of protobuf's Timestamp."""

PART_COUNT_MAX: Final = 1_024
"""Most parts of a ledger: each has a head, and is looked at by itself."""

ID_CHARACTERS_MAX: Final = 128
"""Longest member id and request id: a UUID or URL path fits, an essay does not."""

REASON_CHARACTERS_MAX: Final = 256
"""Longest reason of a command."""

UNIT_CHARACTERS_MAX: Final = 64
"""Longest name of a unit or sink."""

PAIRS_MAX: Final = 50
"""Most entries of metadata or attributes: records stay small enough to scan."""

KEY_CHARACTERS_MAX: Final = 64
"""Longest key of metadata or attributes."""

VALUE_CHARACTERS_MAX: Final = 500
"""Longest value of metadata or attributes."""

BATCH_COMMANDS_MAX: Final = 10_000
"""Most commands of one BatchWrite: about half a second of the writer."""

PAGE_SIZE_DEFAULT: Final = 50
"""Items on a page when the caller does not say."""

PAGE_SIZE_MAX: Final = 1_000
"""Most items on a page; more is lowered to this (AIP-158)."""

EXPIRATIONS_MAX: Final = 10
"""Most instants in `next_expirations`."""

ACTIVITY_ITEMS_MAX: Final = 100
"""Most items of one activity: conditions are asked of each."""

MERGE_LOTS_MAX: Final = 10_000
"""Most lots with points left that a merge moves: one record names them all."""

MERGE_CLAIMS_MAX: Final = 1_000
"""Most claims that wait to be collected that a merge moves."""
