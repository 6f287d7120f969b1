"""Claims as rows, and as plain values in the bodies of records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from points.domain.bounds import NEVER
from points.domain.claims import Claim, ClaimState


def claim_row(claim: Claim) -> tuple[Any, ...]:
    """Returns the row of a claim."""
    return claim._replace(state=claim.state.value)  # type: ignore[arg-type]


def claim_of(row: Sequence[Any]) -> Claim:
    """Returns the claim in a row."""
    claim = Claim(*row)
    return claim._replace(state=ClaimState(claim.state))


def claim_tree(claim: Claim) -> list[Any]:
    """Returns the fields of a claim but its part and member, which the record has."""
    _, number, position, _, *rest = claim
    rule_id, award_number, unit, points, create_time, lapse_time, *more = rest
    told = [rule_id, award_number, unit, points, create_time]
    lapses = None if lapse_time == NEVER else lapse_time
    return [number, position, *told, lapses, *more]


def read_claim(tree: list[Any], part: int, member_id: str) -> Claim:
    """Returns the claim that `claim_tree` wrote."""
    number, position, *rest = tree
    claim = claim_of([part, number, position, member_id, *rest])
    is_endless: bool = claim.lapse_time is None
    return claim._replace(lapse_time=NEVER) if is_endless else claim
