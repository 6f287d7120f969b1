"""A shop whose budgets have awards wait until the day after, and what is collected."""

from __future__ import annotations

from itertools import count
from typing import Any

from points.domain.commands import ClaimAward, RecordActivity
from points.domain.values import Record, Transaction
from points.engine.engine import Engine
from tests.clock import DAY, Clock
from tests.domain.undoing import reverse
from tests.engine.build import carry_out, record_of, result
from tests.engine.climbing import climber_of
from tests.store.build import rows


_numbers = count()


def document(pending: str = "") -> str:
    """Returns a program with budgets of ten a day; points wait as told by `pending`."""
    return f"""
program: shop
units:
  points: {{kind: currency, expiry: {{after: P12M}}{pending}}}
sinks: [redemption]
rules:
  shared:
    activities: [shared]
    awards: [{{unit: points, points: {{per_quantity: {{points: 1}}}}}}]
    budget: all
  own:
    activities: [own]
    awards: [{{unit: points, points: {{per_quantity: {{points: 1}}}}}}]
    budget: each
budgets:
  all: {{unit: points, fixed: {{points: 10, per: DAY}}, overflow: QUEUE}}
  each: {{unit: points, per_member: {{points: 10, per: DAY}}, overflow: QUEUE}}
"""


def given(engine: Engine, kind: str, points: int) -> Record:
    """Returns the record of an activity that is worth so many points."""
    command = RecordActivity(
        member_id="ada",
        request_id=f"a{next(_numbers)}",
        activity_type=kind,
        quantity=points,
    )
    return record_of(*carry_out(engine, command))


def collected(engine: Engine, clock: Clock, kind: str = "shared") -> Record:
    """Returns the record of a claim of 8 points, collected on the day after."""
    given(engine, kind, 9)
    made = given(engine, kind, 8)
    assert isinstance(made.result, Transaction)
    (claim,) = made.result.claims
    clock.advance(DAY)
    command = ClaimAward(
        member_id="ada", request_id="claim", claim_id=claim.place().claim_id()
    )
    return record_of(*carry_out(engine, command))


def taken_back(engine: Engine, record: Record, **fields: Any) -> Any:
    """Returns what the reverse of a transaction comes to."""
    named = {"request_id": f"r{next(_numbers)}"}
    place = record.place().transaction_id()
    return result(*carry_out(engine, reverse(transaction_id=place, **named | fields)))


def used(engine: Engine, kind: str) -> list[int]:
    """Returns what a budget has paid by period, where it has paid anything."""
    if kind == "shared":
        query = "SELECT used FROM counter ORDER BY start_time"
        return [each for (each,) in rows(engine.store, query)]
    counters = climber_of(engine).progress.counters
    return [used for _, (used, _) in sorted(counters.items())]
