"""Disburse: the points of a campaign made into money for its cause."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from points.plugin import Context, Reads, Refused
from points_charity import reasons
from points_charity.config import Cause, Kind
from points_charity.conversion import Conversion, convert
from points_charity.documents import (
    CAMPAIGN,
    CAUSE,
    DISBURSEMENT,
    CauseState,
    Disbursement,
    latest_key,
)
from points_charity.reading import Appeal, appeal_of, config_of, keys_of
from points_charity.v1 import charity_service_pb2 as pb


OPERATOR_CHARACTERS_MAX: Final = 128
"""Longest name of an operator, as in the ledger."""


def disburse_reads(request: Any) -> Reads:
    """Returns what is read: the campaign."""
    campaign_id = request.campaign_id
    return Reads(documents=keys_of(campaign_id) if campaign_id else ())


def disburse(ctx: Context, request: Any) -> pb.DisburseResponse:
    """Makes points into money; the refusals are those of the proto."""
    if not 1 <= len(request.operator) <= OPERATOR_CHARACTERS_MAX:
        raise Refused(reasons.OPERATOR_MISSING)
    appeal = appeal_of(ctx, request.campaign_id)
    points = _due(appeal)
    cause_id = appeal.rules.cause
    rules = config_of(ctx).causes.get(cause_id)
    if rules is None:
        raise Refused(reasons.CAUSE_UNKNOWN, cause_id=cause_id)
    state = ctx.state.get(CAUSE, cause_id) or CauseState()
    rate, currency = rules.conversion.minor_units_per_point, rules.conversion.currency
    kept = Fraction(*state.remainders.get(currency, (0, 1)))
    done = convert(points, rate, kept)
    after = _paid(state, rules, done)
    ctx.state.put(CAUSE, cause_id, after)
    entry = _disbursement(ctx, request, after, rules, (points, done))
    ctx.state.put(DISBURSEMENT, cause_id, entry, latest_key(entry.number))
    _finalise(ctx, appeal, points)
    return _message(entry)


def _due(appeal: Appeal) -> int:
    """Returns the points that are not money yet; refuses before a settlement."""
    state = appeal.state
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING
    if is_held and state.state not in ("SUCCEEDED", "FAILED"):
        raise Refused(reasons.CAMPAIGN_NOT_OVER, campaign_id=appeal.campaign_id)
    points = state.raised + state.matched - state.converted
    if points <= 0 or state.state == "FAILED":
        raise Refused(reasons.NOTHING_TO_DISBURSE, campaign_id=appeal.campaign_id)
    return points


def _paid(state: CauseState, rules: Cause, done: Conversion) -> CauseState:
    currency = rules.conversion.currency
    money = state.paid.get(currency, 0) + done.money
    return replace(
        state,
        paid={**state.paid, currency: money},
        remainders={**state.remainders, currency: done.remainder.as_integer_ratio()},
        disbursement_count=state.disbursement_count + 1,
    )


def _disbursement(
    ctx: Context,
    request: Any,
    state: CauseState,
    rules: Cause,
    made: tuple[int, Conversion],
) -> Disbursement:
    points, done = made
    return Disbursement(
        number=state.disbursement_count,
        campaign_id=request.campaign_id,
        points=points,
        money=done.money,
        currency=rules.conversion.currency,
        rate=rules.conversion.minor_units_per_point.as_integer_ratio(),
        program_version=ctx.config_version,
        remainder=done.remainder.as_integer_ratio(),
        operator=request.operator,
        disburse_time=ctx.now,
    )


def _finalise(ctx: Context, appeal: Appeal, points: int) -> None:
    state = appeal.state
    after = replace(
        state,
        converted=state.converted + points,
        final_number=state.donation_count,
    )
    ctx.state.put(CAMPAIGN, appeal.campaign_id, after)


def _message(entry: Disbursement) -> pb.DisburseResponse:
    return pb.DisburseResponse(
        points=entry.points,
        money=entry.money,
        currency=entry.currency,
        program_version=entry.program_version,
        remainder_numerator=str(entry.remainder[0]),
        remainder_denominator=str(entry.remainder[1]),
    )
