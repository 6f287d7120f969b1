"""The calls that change one lot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from points.client.connection import Connection
from points.client.requests import given_or_new, optional_timestamp
from points.v1 import ledger_service_pb2 as pb


class LotOptions(TypedDict, total=False):
    """Holds what a change of a lot may say and need not. Times have a time zone.

    Attributes:
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class LotCalls(Connection):
    """Calls what changes one lot; see `PointsClient`."""

    def activate_lot(
        self,
        member_id: str,
        lot_id: str,
        *,
        reason: str = "",
        request_id: str | None = None,
        **options: Unpack[LotOptions],
    ) -> pb.ActivateLotResponse:
        """Makes a pending lot of the member usable now."""
        request = pb.ActivateLotRequest(
            member_id=member_id,
            lot_id=lot_id,
            request_id=given_or_new(request_id),
            reason=reason,
            effective_time=optional_timestamp(options.get("effective_time")),
            metadata=options.get("metadata"),
            validate_only=options.get("validate_only", False),
        )
        return self._call(self.ledger.ActivateLot, request)

    def cancel_lot(
        self,
        member_id: str,
        lot_id: str,
        *,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[LotOptions],
    ) -> pb.CancelLotResponse:
        """Takes a pending lot of the member away before it becomes usable."""
        request = pb.CancelLotRequest(
            member_id=member_id,
            lot_id=lot_id,
            request_id=given_or_new(request_id),
            reason=reason,
            effective_time=optional_timestamp(options.get("effective_time")),
            metadata=options.get("metadata"),
            validate_only=options.get("validate_only", False),
        )
        return self._call(self.ledger.CancelLot, request)

    def extend_lot(
        self,
        member_id: str,
        lot_id: str,
        expire_time: datetime,
        *,
        reason: str,
        operator: str,
        request_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
        validate_only: bool = False,
    ) -> pb.ExtendLotResponse:
        """Lets a lot of the member expire later: at `expire_time`.

        Args:
            member_id: Member who holds the lot.
            lot_id: Lot to extend.
            expire_time: First instant at which it can no longer be burned.
            reason: Why, 1 to 256 characters, such as `goodwill`.
            operator: Who does it, 1 to 128 characters.
            request_id: Made up if absent.
            metadata: Caller's own facts.
            validate_only: Does every check and changes nothing.
        """
        request = pb.ExtendLotRequest(
            member_id=member_id,
            lot_id=lot_id,
            request_id=given_or_new(request_id),
            reason=reason,
            expire_time=optional_timestamp(expire_time),
            operator=operator,
            metadata=metadata,
            validate_only=validate_only,
        )
        return self._call(self.ledger.ExtendLot, request)
