"""Calls a points server from Python: `PointsClient`, and its parts for bursts.

`PointsClient` waits for each answer. For many calls in flight take the pure
builders and the stubs instead: `client.ledger.Earn.future(request, timeout=...)`,
and turn what fails into a `PointsError` with `points_error`.
"""

from points.client.channel import open_channel
from points.client.client import PointsClient
from points.client.errors import (
    PointsError,
    Refused,
    Unavailable,
    Violation,
    points_error,
    refused,
)
from points.client.holds import (
    CaptureOptions,
    HoldOptions,
    VoidOptions,
    capture_hold_request,
    place_hold_request,
    void_hold_request,
)
from points.client.lots import LotOptions
from points.client.requests import (
    BurnOptions,
    EarnOptions,
    NaiveTimeError,
    batch_command,
    burn_request,
    create_member_request,
    earn_request,
    new_request_id,
    to_timestamp,
)
from points.client.reversal import (
    AdjustOptions,
    ReverseOptions,
    adjust_request,
    reverse_request,
)
from points.client.transfers import TransferOptions, transfer_request


__all__ = [
    "AdjustOptions",
    "BurnOptions",
    "CaptureOptions",
    "EarnOptions",
    "HoldOptions",
    "LotOptions",
    "NaiveTimeError",
    "PointsClient",
    "PointsError",
    "Refused",
    "ReverseOptions",
    "TransferOptions",
    "Unavailable",
    "Violation",
    "VoidOptions",
    "adjust_request",
    "batch_command",
    "burn_request",
    "capture_hold_request",
    "create_member_request",
    "earn_request",
    "new_request_id",
    "open_channel",
    "place_hold_request",
    "points_error",
    "refused",
    "reverse_request",
    "to_timestamp",
    "transfer_request",
    "void_hold_request",
]
