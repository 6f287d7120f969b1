"""What is returned counts back as it had counted, whatever the program says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.activities import Item
from points.domain.commands import ApplyProgram, Command, RecordActivity
from points.domain.values import Record, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import program_of_text, to_program
from points.program.digests import canonical_text, digest_of
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.undoing import reverse
from tests.engine.build import carry_out, record_of
from tests.engine.climbing import climber_of


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
zone: Europe/Berlin
money: {currency: EUR, rates: {USD: 0.5}}
units: {points: {kind: currency}, merits: {kind: growth}}
sinks: [redemption]
ladders:
  merit:
    qualifying: {unit: merits}
    burns: {points: 1/10}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 60}]
  spent:
    qualifying: {money: true}
    period: {kind: CALENDAR, span: YEAR}
    term: P12M
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
rules:
  purchase:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_money: {each: 1, points: 1}}, items: "true"}
      - {unit: merits, points: {per_money: {each: 1, points: 1}}, items: "true"}
"""
CHANGED: Final = {
    "the rates of money": ("USD: 0.5", "USD: 2"),
    "the zone": ("Europe/Berlin", "Pacific/Auckland"),
    "what burned points count": ("points: 1/10", "points: 1/2"),
    "what counts": ("{unit: merits}", "{unit: points}"),
    "the rules": ("{each: 1, points: 1}", "{each: 1, points: 7}"),
    "the name of a ladder": ("  merit:", "  honour:"),
    "all ladders": (
        DOCUMENT[DOCUMENT.index("ladders:") : DOCUMENT.index("rules:")],
        "",
    ),
}
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with ladders, and Ada."""
    program = to_program(load_document(DOCUMENT))
    with running_engine(
        store, program, compile_document=program_of_text, clock=clock
    ) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


def done(engine: Engine, command: Command) -> Record:
    """Returns the record of a command that is accepted."""
    record = record_of(*carry_out(engine, command))
    assert isinstance(record.result, Transaction), record.result
    return record


def returned(record: Record, **fields: Any) -> Command:
    """Returns the reverse of a transaction of Ada's."""
    named = {"request_id": f"r{next(_numbers)}"}
    named["transaction_id"] = record.place().transaction_id()
    return reverse(**named | fields)


def apply(engine: Engine, document: str) -> None:
    """Makes a document the program."""
    loaded = load_document(document)
    engine.execute_everywhere(
        ApplyProgram(
            request_id=f"apply{next(_numbers)}",
            digest=digest_of(loaded),
            document=canonical_text(loaded),
            units=tuple((c, u.is_spendable) for c, u in loaded.units.items()),
            operator="olga",
            reason="autumn",
        )
    )


def gathered(engine: Engine) -> dict[str, int]:
    """Returns what counts towards tiers, by counter."""
    counters = climber_of(engine).progress.counters
    return {n: each.used for n, each in counters.items() if n.startswith("ladder/")}


def bought(engine: Engine) -> Record:
    """Returns the record of a purchase of two things, late in the evening."""
    items = (Item("book", 90), Item("pen", 30))
    return done(
        engine,
        RecordActivity(
            member_id="ada",
            request_id=f"a{next(_numbers)}",
            activity_type="purchase",
            money=120,
            currency="USD",
            items=items,
        ),
    )


@pytest.mark.parametrize("what", CHANGED)
def test_what_is_returned_takes_back_what_it_had_moved(
    engine: Engine, what: str
) -> None:
    before = gathered(engine)
    purchase = bought(engine)
    plain = done(engine, earn(points=50, unit="merits", request_id="e"))
    burned = done(engine, burn(points=30, request_id="b"))
    assert gathered(engine) != before
    apply(engine, DOCUMENT.replace(*CHANGED[what]))
    done(engine, returned(burned, points=10))
    done(engine, returned(purchase, item_ids=("pen",)))
    done(engine, returned(plain))
    done(engine, returned(burned))
    done(engine, returned(purchase))

    assert gathered(engine) == before == {}
