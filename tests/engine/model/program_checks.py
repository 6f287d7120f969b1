"""What must be so after every step under a program with rules."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis.stateful import invariant

from points.domain.claims import Claim, ClaimState
from points.domain.qualifying import qualified_of
from points.store.reads.reader import Snapshot
from tests.engine.model.asking import NAMES, claim_of, standing_of
from tests.engine.model.climbing import LADDERS
from tests.engine.model.rules import PointsRules
from tests.engine.model.things import NEVER, ModelClaim
from tests.store.build import rows


class ProgramChecks(PointsRules):
    """Compares claims, counters, tiers and pools with the model."""

    @invariant()
    def everything_earned_agrees(self) -> None:
        """Checks what members have besides points, as of one instant."""
        with self.snapshot() as snapshot:
            self._check_claims(snapshot)
            self._check_standings(snapshot)
            self._check_pools(snapshot)
        self._check_counters()

    def _check_claims(self, snapshot: Snapshot) -> None:
        found = {
            claim.place().claim_id(): (state.value, claim)
            for name in NAMES
            for state in ClaimState
            for claim in snapshot.claims(
                self.part(name),
                name,
                state=state,
                before=(NEVER, 0),
                now=self.clock.now,
                limit=1_000,
            )
        }
        self._name_claims({name: claim for name, (_, claim) in found.items()})
        assert {
            name: (claim.member_id, state, claim_of(claim))
            for name, (state, claim) in found.items()
        } == {
            name: (claim.member_id, claim.state_at(self.clock.now), claim.shown())
            for name, claim in self.model.books.named.items()
            if isinstance(claim, ModelClaim)
        }

    def _name_claims(self, found: Mapping[str, Claim]) -> None:
        """Tells the model what the engine calls claims that a merge has brought."""
        named = self.model.books.named
        known = [id(claim) for claim in named.values()]
        new = [each for each in self.model.books.claims if id(each) not in known]
        for claim_id in sorted(found.keys() - named.keys()):
            claim = found[claim_id]
            wanted = (claim.member_id, claim_of(claim))
            alike = [o for o in new if (o.member_id, o.shown()) == wanted]
            assert alike, claim
            new.remove(alike[0])
            named[claim_id] = alike[0]
        assert new == []

    def _check_standings(self, snapshot: Snapshot) -> None:
        ladders = self.engine.program.ladders
        assert ladders is not None
        for name in self.model.books.members:
            member = snapshot.member(self.part(name), name)
            assert member is not None
            climber = snapshot.climber(member)
            for ladder in LADDERS:
                found = ladders.standing(ladder, climber, self.clock.now)
                wanted = self.model.standing(name, ladder)
                assert standing_of(found) == wanted, (name, ladder)
                amounts = qualified_of(climber.progress).get(ladder, {})
                gathered = self.model.gathered(name, ladder)
                assert {day: amounts.get(day, 0) for day in gathered} == gathered

    def _check_pools(self, snapshot: Snapshot) -> None:
        for name, own in self.model.books.members.items():
            member = snapshot.member(self.part(name), name)
            assert member is not None
            wanted = (own.pool, own.pools_into)
            assert (member.pool, member.pools_into) == wanted, name

    def _check_counters(self) -> None:
        """Checks what budgets have paid of which everybody is paid."""
        query = "SELECT name, start_time, used FROM counter WHERE used <> 0"
        found = {
            (name, start): used for name, start, used in rows(self.engine.store, query)
        }
        assert found == {
            (what, begins): by
            for (what, whose, begins), by in self.model.books.used.items()
            if by and not whose
        }
