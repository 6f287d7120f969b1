"""What the members of a ledger have, by the tier that they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

from points.demo.report import Check
from points.demo.shop import SINK, UNIT, Played
from points.domain.balances import TrialBalanceLine
from points.domain.identity import BREAKAGE, ISSUANCE, burn_account, part_of
from points.domain.ladders import Climber, Ladders
from points.engine.engine import Engine
from points.store.proof.findings import Audit
from points.store.reads.reader import Snapshot, open_snapshot


LADDER: Final = "status"
_PAGE: Final = 500
_MEMBERS: Final = "member"


@dataclass(slots=True, kw_only=True)
class Holdings:
    """Is what so many members have: points usable, pending, expired and redeemed."""

    members: int = 0
    outstanding: int = 0
    pending: int = 0
    expired: int = 0
    redeemed: int = 0

    def add(self, other: Holdings) -> None:
        """Adds what others have."""
        for each in fields(self):
            summed = getattr(self, each.name) + getattr(other, each.name)
            setattr(self, each.name, summed)


def total(holdings: Mapping[str, Holdings]) -> Holdings:
    """Returns the sum of all tiers."""
    found = Holdings()
    for each in holdings.values():
        found.add(each)
    return found


def holdings_by_tier(
    engine: Engine,
    member_ids: Sequence[str],
    *,
    on_members: Callable[[int], None],
) -> dict[str, Holdings]:
    """Returns what the members have now, from the lowest tier on.

    Raises StoreLost. `on_members` is told how many were looked at so far.
    """
    ladders = engine.program.ladders
    assert ladders is not None
    found: dict[str, Holdings] = {}
    for done, page in _pages(engine, member_ids):
        with open_snapshot(engine.store.backend) as snapshot:
            for climber in snapshot.climbers_of(page):
                tier = ladders.standing(LADDER, climber, engine.clock()).tier
                has = _holdings(snapshot, climber, now=engine.clock())
                found.setdefault(tier, Holdings()).add(has)
        on_members(done)
    return dict(sorted(found.items(), key=lambda each: _rank(ladders, each[0])))


def checks(
    played: Played,
    holdings: Mapping[str, Holdings],
    lines: Sequence[TrialBalanceLine],
    audited: Audit,
) -> list[Check]:
    """Compares what members have with the books, and with what was played."""
    books = {line.account: line.points for line in lines if line.unit == UNIT}
    of_all = total(holdings)
    issued = played.awarded - played.cancelled
    # Each name, what members or the shop say, and what the books say.
    compared = [
        ("members", of_all.members, audited.counts.members),
        ("points issued", issued, -books.get(ISSUANCE, 0)),
        (
            "points outstanding and pending",
            of_all.outstanding + of_all.pending,
            books.get(_MEMBERS, 0),
        ),
        ("points expired", of_all.expired, books.get(BREAKAGE, 0)),
        ("points redeemed", of_all.redeemed, books.get(burn_account(SINK), 0)),
        ("points redeemed in the shop", played.spent, of_all.redeemed),
        ("points expired in sweeps", played.expired, of_all.expired),
        ("differences found by the audit", 0, audited.finding_count),
    ]
    return [Check(name=n, expected=e, actual=a) for n, e, a in compared]


def told(holdings: Mapping[str, Holdings]) -> list[dict[str, object]]:
    """Returns the holdings for programs, a table for each tier."""
    return [{"tier": tier} | asdict(each) for tier, each in holdings.items()]


def _pages(
    engine: Engine, member_ids: Sequence[str]
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yields pages of keys, each with the number of members up to its end."""
    part_count = engine.store.part_count
    keys = sorted((part_of(name, part_count), name) for name in member_ids)
    for start in range(0, len(keys), _PAGE):
        page = keys[start : start + _PAGE]
        yield start + len(page), page


def _holdings(snapshot: Snapshot, climber: Climber, *, now: int) -> Holdings:
    part, member_id = climber.member.part, climber.member.member_id
    found = snapshot.balances(part, member_id, now=now)
    own = next((each for each in found if each.unit == UNIT), None)
    if own is None:
        return Holdings(members=1)
    return Holdings(
        members=1,
        outstanding=own.available,
        pending=own.pending,
        expired=own.lifetime_expired,
        redeemed=own.lifetime_burned,
    )


def _rank(ladders: Ladders, tier: str) -> int:
    found = ladders.tier(LADDER, tier)
    return found.rank if found else 0
