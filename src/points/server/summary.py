"""GetSummary: all there is to say about one member, from one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from points.domain.bounds import NEVER
from points.domain.claims import ClaimState
from points.domain.ladders import Climber
from points.domain.program import Program
from points.domain.refusals import InvalidArgument
from points.domain.values import Balances
from points.server.answers import (
    balances_message,
    member_message,
    transaction_message,
)
from points.server.claims import claim_message
from points.server.reads import Reads, View, check_names
from points.server.segments import segments_of, shown_scores
from points.server.tiers import told
from points.v1 import claim_pb2, transaction_pb2
from points.v1 import member_service_pb2 as pb


LATEST_DEFAULT: Final = 10
"""Transactions and claims that are told unless the caller says how many."""

LATEST_MAX: Final = 100
"""Most of each that are told."""


class SummaryMethods:
    """Answers GetSummary."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def get_summary(self, request: pb.GetSummaryRequest) -> pb.GetSummaryResponse:
        """Tells all there is to say about a member."""
        check_names(member_id=request.member_id)
        if request.latest_count < 0:
            raise InvalidArgument({"latest_count": "must not be negative"})
        count = min(request.latest_count or LATEST_DEFAULT, LATEST_MAX)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetSummaryResponse:
            member = view.existing_member(part, request.member_id)
            return _summary(view, view.snapshot.climber(member), count)

        return await self._reads.of_part(part, request.consistency, read)


def _summary(view: View, climber: Climber, count: int) -> pb.GetSummaryResponse:
    member, program, ladders = climber.member, view.program, view.program.ladders
    balances = view.snapshot.balances(member.part, member.member_id, now=view.now)
    units = [_unit(each, program) for each in balances]
    return pb.GetSummaryResponse(
        member=member_message(member),
        units=units,
        currency=program.currency,
        available_money=sum(unit.available_money for unit in units),
        standings=[
            told(ladders, name, climber, view.now)
            for name in (ladders.names if ladders else ())
            if ladders
        ],
        scores=shown_scores(view, climber),
        segments=segments_of(view, climber),
        claims=_claims(view, climber, count),
        latest_transactions=_latest(view, climber, count),
        program_version=program.version,
        revision=view.revision(),
    )


def _unit(balances: Balances, program: Program) -> pb.UnitSummary:
    """Returns what a unit is worth; one of another program is worth nothing."""
    message = pb.UnitSummary(balances=balances_message(balances))
    unit = program.units.get(balances.unit)
    if unit is not None:
        whole = balances.available + balances.pending + balances.held
        message.available_money = unit.money_of(balances.available)
        message.outstanding_money = unit.money_of(whole)
    return message


def _claims(view: View, climber: Climber, count: int) -> Sequence[claim_pb2.Claim]:
    part, member_id, *_ = climber.member
    found = view.snapshot.claims(
        part,
        member_id,
        state=ClaimState.OPEN,
        before=(NEVER, 0),
        now=view.now,
        limit=count,
    )
    return [claim_message(claim, view.now) for claim in found]


def _latest(
    view: View, climber: Climber, count: int
) -> Sequence[transaction_pb2.Transaction]:
    part, member_id, *_ = climber.member
    records = view.snapshot.transactions(
        part, member_id, before=NEVER, conditions=(), limit=count
    )
    return [transaction_message(record) for record in records]
