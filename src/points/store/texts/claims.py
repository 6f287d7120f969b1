"""Claims as rows, and as plain values in the bodies of records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from points.domain.bounds import NEVER
from points.domain.claims import NO_RESERVE, Claim, ClaimState, Reserve


_TOLD: Final = 9
"""Fields of a claim without a reserve that a record tells, but for its place."""


def claim_row(claim: Claim) -> tuple[Any, ...]:
    """Returns the row of a claim."""
    *told, state, claim_record, reserve = claim
    return (*told, state.value, claim_record, *reserve)


def claim_of(row: Sequence[Any]) -> Claim:
    """Returns the claim in a row."""
    *told, name, start_time, end_time = row
    claim = Claim(*told)
    reserve = Reserve(name, start_time, end_time) if name else NO_RESERVE
    return claim._replace(state=ClaimState(claim.state), reserve=reserve)


def claim_tree(claim: Claim) -> list[Any]:
    """Returns the fields of a claim but its part and member, which the record has."""
    _, number, position, _, *rest, reserve = claim
    rule_id, award_number, unit, points, create_time, lapse_time, *more = rest
    told = [rule_id, award_number, unit, points, create_time]
    lapses = None if lapse_time == NEVER else lapse_time
    reserved = reserve if reserve.name else ()
    return [number, position, *told, lapses, *more, *reserved]


def read_claim(tree: list[Any], part: int, member_id: str) -> Claim:
    """Returns the claim that `claim_tree` wrote."""
    number, position, *rest = tree
    reserved = () if len(rest) > _TOLD else NO_RESERVE
    claim = claim_of([part, number, position, member_id, *rest, *reserved])
    is_endless: bool = claim.lapse_time is None
    return claim._replace(lapse_time=NEVER) if is_endless else claim
