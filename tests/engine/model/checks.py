"""What must be so after every step."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis.stateful import invariant, rule

from points.domain.values import HoldState
from points.store.reads.glances import read_glances
from points.store.reads.reader import Snapshot
from tests.engine.build import differences
from tests.engine.model.asking import NAMES, Asking
from tests.engine.model.things import NEVER
from tests.store.build import rows


class Checks(Asking):
    """Compares all that can be seen of the members with the model."""

    @invariant()
    def everything_agrees(self) -> None:
        """Checks members, lots, holds and balances, all as of one instant."""
        with self.snapshot() as snapshot:
            self._check_lots(snapshot)
            self._check_members(snapshot)
            self._check_holds(snapshot)
            self._check_balances(snapshot)
            self._check_glances(snapshot)

    @invariant()
    def points_come_from_somewhere(self) -> None:
        """Checks that all accounts together are zero, in each unit."""
        with self.snapshot() as snapshot:
            totals: Counter[str] = Counter()
            for line in snapshot.trial_balance():
                totals[line.unit] += line.points
        assert not any(totals.values()), totals

    @rule()
    def audit(self) -> None:
        """Checks everything against the records."""
        assert differences(self.engine.store) == []

    def teardown(self) -> None:
        """Checks everything against the records at the end."""
        query = (
            "SELECT a.account, a.unit FROM account AS a"
            " WHERE a.account LIKE 'member:%' AND a.balance <> (SELECT"
            " coalesce(sum(l.remaining), 0) FROM lot AS l WHERE l.part = a.part"
            " AND 'member:' || l.member_id = a.account AND l.unit = a.unit)"
        )
        assert rows(self.engine.store, query.replace(":", r"\:")) == []
        assert differences(self.engine.store) == []

    def _check_members(self, snapshot: Snapshot) -> None:
        found = {n: snapshot.member(self.part(n), n) for n in NAMES}
        assert {
            name: (one.state.value, one.attributes, one.version)
            for name, one in found.items()
            if one is not None
        } == {
            name: (one.state, one.attributes, one.version)
            for name, one in self.model.books.members.items()
        }

    def _check_balances(self, snapshot: Snapshot) -> None:
        found: dict[tuple[str, str], Any] = {}
        for name in NAMES:
            for one in snapshot.balances(self.part(name), name, now=self.clock.now):
                found[name, one.unit] = one._asdict()
        assert found == {
            (name, unit): self.model.balances(name, unit)
            for name, unit in self.model.books.touched
        }

    def _check_glances(self, snapshot: Snapshot) -> None:
        places = [(self.part(name), name) for name in NAMES]
        glances = read_glances(self.engine.store.backend, places, now=self.clock.now)
        for (part, name), glance in zip(places, glances, strict=True):
            found = snapshot.balances(part, name, now=self.clock.now)
            assert glance.has_lapses or glance.balances() == found

    def _check_lots(self, snapshot: Snapshot) -> None:
        found = [lot for name in NAMES for lot in self.lots(snapshot, name)]
        self.name_lots(found)
        wanted = {
            name: (lot.left, lot.held, lot.ended, lot.starts, lot.ends)
            for name, lot in self.model.books.named.items()
            if name.startswith("l")
        }
        assert wanted == {
            lot.place().lot_id(): (
                lot.remaining,
                lot.held,
                lot.ended,
                lot.activate_time,
                lot.expire_time,
            )
            for lot in found
        }

    def _check_holds(self, snapshot: Snapshot) -> None:
        found = [
            placed.hold
            for name in NAMES
            for placed in snapshot.holds(
                self.part(name),
                name,
                unit="",
                states=list(HoldState),
                before=NEVER,
                now=self.clock.now,
                limit=1_000,
            )
        ]
        wanted = {
            name: hold.shown()
            for name, hold in self.model.books.named.items()
            if name.startswith("h")
        }
        assert wanted == {
            hold.place().hold_id(): (
                hold.state.value,
                hold.open_points,
                hold.captured_points,
                hold.voided_points,
            )
            for hold in found
        }
