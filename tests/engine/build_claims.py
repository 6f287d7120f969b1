"""Activities of Ada whose awards wait, and what becomes of her claims."""

from __future__ import annotations

from typing import Any, Final

from points.domain.bounds import NEVER
from points.domain.claims import Claim, ClaimState
from points.domain.commands import ClaimAward, RecordActivity
from points.domain.identity import part_of
from points.domain.refusals import Refusal
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.store.reads.reader import open_snapshot
from tests.engine.build import carry_out, result


DOCUMENT: Final = """
program: shop
zone: Europe/Berlin
lateness: P9D
sinks: [redemption]
units:
  points: {kind: currency, expiry: {after: P12M}}
  slow: {kind: currency, pending: {after: P3D}}
  stars: {kind: growth}
ladders:
  status:
    qualifying: {unit: stars}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: blue, threshold: 0}, {name: gold, threshold: 8}]
rules:
  review:
    activities: [review]
    awards:
      - {unit: points, points: {per_quantity: {points: 1}}, first_time: {add: 2}}
      - {unit: stars, points: {fixed: 8}}
    claim: {within: P7D}
  reserved:
    activities: [reserved]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    claim: {within: P7D}
    budget: words
  queued:
    activities: [queued]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: words
  both:
    activities: [both]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    claim: {within: P1D}
    budget: words
  own:
    activities: [own]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: each
  late:
    activities: [late]
    awards: [{unit: slow, points: {fixed: 4}}]
    claim: {within: P7D}
budgets:
  words: {unit: points, fixed: {points: 10, per: DAY}, overflow: QUEUE}
  each: {unit: points, per_member: {points: 5, per: DAY}, overflow: QUEUE}
"""
_numbers = iter(range(1_000_000))


def waiting(engine: Engine, kind: str = "review", **fields: Any) -> list[Claim]:
    """Records an activity of Ada and returns the claims that it makes."""
    named = {"member_id": "ada", "request_id": f"a{next(_numbers)}"}
    command = RecordActivity(**{**named, "activity_type": kind, **fields})
    return list(transaction_of(engine, command).claims)


def claiming(claim: Claim, **fields: Any) -> ClaimAward:
    """Returns the collecting of a claim by its member."""
    named = {"member_id": claim.member_id, "request_id": f"c{next(_numbers)}"}
    return ClaimAward(**{**named, "claim_id": claim.place().claim_id(), **fields})


def transaction_of(engine: Engine, command: Any) -> Transaction:
    """Carries out a command that is accepted."""
    (answer,) = carry_out(engine, command)
    found = result(answer)
    assert isinstance(found, Transaction), found
    return found


def refused(engine: Engine, command: Any) -> Refusal:
    """Returns why a command is refused."""
    (answer,) = carry_out(engine, command)
    found = result(answer)
    assert isinstance(found, Refusal)
    return found


def listed(engine: Engine, state: ClaimState = ClaimState.OPEN) -> list[Claim]:
    """Returns the claims of Ada in a state now."""
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        before, now = (NEVER, 0), engine.clock()
        return snapshot.claims(
            part, "ada", state=state, before=before, now=now, limit=9
        )
