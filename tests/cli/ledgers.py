"""Small ledgers, made without a server."""

from __future__ import annotations

from points.domain.commands import Burn, CreateMember, Earn
from points.domain.program import program_of
from points.engine.engine import running_engine
from points.store.opening import open_store


PROGRAM = program_of(currency_units=("points",), growth_units=(), sinks=("redemption",))


def fill(url: str, member_id: str = "alice") -> None:
    """Makes a ledger with one member, an earn and a burn."""
    with open_store(url, migrating=True) as store, running_engine(store, PROGRAM) as e:
        e.execute(CreateMember(member_id=member_id, request_id="1"))
        for kind in (Earn, Burn):
            command = kind(
                member_id=member_id,
                request_id=kind.__name__,
                unit="points",
                points=10,
                reason="r",
            )
            e.execute(command)
