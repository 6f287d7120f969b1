"""A shop with pools, and what members do who earn for them."""

from __future__ import annotations

from typing import Any, Final

from points.domain.commands import Command, MergeMembers, RecordActivity, SetPool
from points.domain.identity import part_of
from points.domain.values import Member, Record, Transaction
from points.engine.engine import Engine
from points.store.reads.reader import open_snapshot
from tests.domain.undoing import reverse
from tests.engine.build import carry_out, record_of
from tests.store.build import rows


NAMES: Final = ("ada", "bob", "acme", "home")
DOCUMENT: Final = """
program: shop
money: {currency: EUR}
units:
  points: {kind: currency, expiry: {after: P12M}}
  miles: {kind: currency}
  merits: {kind: growth}
sinks: [redemption]
pools:
  company: {units: [points, miles]}
  household: {units: [points], share: 1/3}
ladders:
  status:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
rules:
  purchase:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_money: {each: 1, points: 1}}}
      - {unit: merits, points: {per_money: {each: 1, points: 1}}}
  wine:
    activities: [purchase]
    awards: [{unit: miles, points: {per_quantity: {points: 3}}}]
    pending: {until_event: received, cancel_after: P5D}
"""
_numbers = iter(range(1_000_000))


def set_pool(pool: str = "company", into: str = "acme", **fields: Any) -> SetPool:
    """Returns Ada's way into a pool."""
    named = {"member_id": "ada", "request_id": f"p{next(_numbers)}"}
    return SetPool(**named | {"pool": pool, "pools_into": into} | fields)


def purchase(money: int = 100, **fields: Any) -> RecordActivity:
    """Returns a purchase of Ada's."""
    named: dict[str, Any] = {"member_id": "ada", "activity_type": "purchase"}
    named |= {"request_id": f"a{next(_numbers)}", "money": money}
    return RecordActivity(**named | fields)


def done(engine: Engine, command: Command) -> Record:
    """Returns the record of a command that is accepted."""
    (answer,) = carry_out(engine, command)
    record = record_of(answer)
    assert isinstance(record.result, Transaction | Member), record.result
    return record


def moved(record: Record | None) -> Transaction:
    """Returns the transaction of a record."""
    assert record is not None
    assert isinstance(record.result, Transaction)
    return record.result


def waiting_lot(engine: Engine, member_id: str) -> str:
    """Returns the only lot of a member that waits for its event."""
    query = f"SELECT part, number FROM lot WHERE member_id = '{member_id}'"
    ((part, number),) = rows(engine.store, f"{query} AND waits_for = 'received'")
    return f"l{part}-{number}"


def lifetimes(engine: Engine, unit: str) -> dict[str, int]:
    """Returns what members have ever earned in a unit, as far as they have any."""
    found = {}
    with open_snapshot(engine.store.backend) as snapshot:
        for name in NAMES:
            part = part_of(name, engine.store.part_count)
            balances = snapshot.balances(part, name, now=engine.clock())
            for each in balances:
                if each.unit == unit:
                    found[name] = each.lifetime_earned
    return found


def reversed_of(record: Record, **fields: Any) -> Command:
    """Returns the reverse of something that Ada has earned."""
    named = {"request_id": f"r{next(_numbers)}"}
    named["transaction_id"] = record.place().transaction_id()
    return reverse(**named | fields)


def merge(member_id: str, into: str) -> MergeMembers:
    """Returns the end of a member in another one."""
    return MergeMembers(
        member_id=member_id,
        request_id="merge",
        into_member_id=into,
        operator="olga",
        reason="one and the same",
    )
