"""Calls that bound a member."""

from __future__ import annotations

from collections.abc import Iterable

from points.client.connection import Connection
from points.client.requests import DEFAULT_UNIT, given_or_new
from points.v1.consistency_pb2 import Consistency
from points.v1.limits_pb2 import (
    GetLimitsRequest,
    GetLimitsResponse,
    SetLimitsRequest,
    SetLimitsResponse,
    Velocity,
)


class LimitsCalls(Connection):
    """Has the calls that set and tell limits."""

    def set_limits(
        self,
        member_id: str,
        *,
        operator: str,
        reason: str,
        unit: str = DEFAULT_UNIT,
        floor: int | None = None,
        ceiling: int | None = None,
        velocities: Iterable[Velocity] = (),
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> SetLimitsResponse:
        """Bounds a member in one unit; what is left out is unbound afterwards.

        Args:
            member_id: Member to bound.
            operator: Who sets them, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            unit: Unit of the points.
            floor: Points that must stay available; absent means zero.
            ceiling: Most points that the member may have; absent means no bound.
            velocities: Bounds per window, one for each action and window.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = SetLimitsRequest(
            member_id=member_id,
            unit=unit,
            floor=floor,
            ceiling=ceiling,
            velocities=velocities,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.ledger.SetLimits, request)

    def get_limits(
        self,
        member_id: str,
        *,
        unit: str = DEFAULT_UNIT,
        consistency: Consistency | None = None,
    ) -> GetLimitsResponse:
        """Tells how a member is bound in one unit."""
        request = GetLimitsRequest(
            member_id=member_id, unit=unit, consistency=consistency
        )
        return self._call(self.ledger.GetLimits, request)
