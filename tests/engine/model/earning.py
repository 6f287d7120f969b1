"""Naive activities and claims: each rule of the program is a few lines here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Final

from points.domain.commands import ClaimAward, FundBudget, RecordActivity
from points.domain.commands.budgets import FundDirection
from tests.engine.model.things import (
    DAY,
    NEVER,
    Deed,
    ModelClaim,
    ModelLot,
    No,
    Outcome,
    Use,
)
from tests.engine.model.undoing import Undoing


_CAP: Final = 40
_OF_ALL: Final = 30
_OF_EACH: Final = 12


class Earning(Undoing):
    """Values activities."""

    def record_activity(self, command: RecordActivity) -> Outcome:
        """Records a fact and what it earns."""
        self.active(command.member_id)
        deed = Deed("ACTIVITY", command.member_id, "")
        deed.happened = self.happened(command)
        deed.items = tuple(item.id for item in command.items)
        rule = _RULES.get(command.activity_type)
        if rule is not None:
            rule(self, command, deed)
        return self._concluded(deed)

    def claim_award(self, command: ClaimAward) -> Outcome:
        """Collects what waits."""
        who = command.member_id
        self.active(who)
        claim = self.books.named.get(command.claim_id)
        if not isinstance(claim, ModelClaim) or claim.member_id != who:
            raise No("CLAIM_NOT_FOUND")
        if claim.state_at(self.now) != "OPEN":
            is_late = claim.state_at(self.now) == "LAPSED"
            raise No("CLAIM_LAPSED" if is_late else "CLAIM_NOT_OPEN")
        deed = Deed("CLAIM", who, claim.unit, claim.points, happened=self.now)
        if claim.budget:
            if claim.points > self._left_of_all(self.now):
                raise No("BUDGET_EXHAUSTED")
            self._use(deed, "budget:words", "", self.now, claim.points)
        claim.state = "CLAIMED"
        deed.claims.append(claim)
        deed.uses += [claim.use] if claim.use else []
        self._mint(deed, claim.unit, claim.points)
        return self._concluded(deed)

    def fund_budget(self, command: FundBudget) -> Outcome:
        """Pays points ahead, or takes back what is left of them."""
        left = self.books.funded - self.books.used["funds:ads", "", 0]
        by = command.points
        if command.direction is FundDirection.TAKE_BACK:
            by = -by
        if left + by < 0:
            raise No("BUDGET_EXHAUSTED")
        self.books.funded += by
        return ("BUDGET", left + by)

    def lapse_claims(self) -> None:
        """Gives budgets back what nobody has collected in time."""
        for claim in self.books.claims:
            is_due = claim.state == "OPEN" and claim.state_at(self.now) == "LAPSED"
            if is_due and claim.use:
                self.release(claim, "LAPSED")

    def bring(self, source: str, to: str) -> list[ModelClaim]:
        """Lets what waits for a member wait for another; returns what did."""
        gone = [
            claim
            for claim in self.books.claims
            if (claim.member_id, claim.state) == (source, "OPEN")
            and (claim.use or claim.lapses > self.now)
        ]
        self.books.claims += [replace(claim, member_id=to) for claim in gone]
        for claim in gone:
            claim.state = "MERGED"
        return gone

    def join(self, source: str, to: str) -> None:
        """Lets what a member has done count for another."""
        for (what, whose, begins), by in list(self.books.used.items()):
            if whose == source:
                self.books.used[what, to, begins] += by
        carried = self.books.carried
        if source in carried:
            carried[to] = (carried.get(to, Fraction()) + carried[source]) % 1
        self.gather_all(to, source)

    def purchase(self, command: RecordActivity, deed: Deed) -> None:
        """Gives a point for each euro, within a cap, and counts it towards tiers."""
        who = command.member_id
        worth = Fraction(command.money, 100)
        exact = worth + self.books.carried.get(who, 0)
        self.books.carried[who] = exact % 1
        left = _CAP - self.books.used["cap", who, _day(deed.happened)]
        points = min(floor(exact), max(left, 0))
        self._use(deed, "cap", who, deed.happened, points)
        self._mint(deed, "points", points)
        self._mint(deed, "qualifying_points", floor(worth))
        money = {item.id: item.money for item in command.items}
        deed.shares["points"] = split(points, split(floor(exact), money))
        deed.shares["qualifying_points"] = split(floor(worth), money)

    def parcel(self, command: RecordActivity, deed: Deed) -> None:
        """Gives miles that wait for the parcel, and more for the first one."""
        who, points = command.member_id, 3 * command.quantity
        if not self.books.used["parcels", who, 0]:
            points += 5
        use = Use("parcels", who, 0, NEVER, 1)
        self.books.used[use.key] += 1
        deed.uses.append(use)
        until = _day(deed.happened) + DAY
        if until <= self.now:
            raise No("INVALID_ARGUMENT")
        self._mint(deed, "miles", points, waits_until=until)
        deed.shares["miles"] = split(points, _quantities(command))

    def review(self, command: RecordActivity, deed: Deed) -> None:
        """Reserves points that wait to be collected."""
        points = 2 * command.quantity
        if points > self.books.funded - self.books.used["funds:ads", "", 0]:
            raise No("BUDGET_EXHAUSTED")
        use = Use("funds:ads", "", 0, NEVER, points)
        self.books.used[use.key] += points
        lapses, shares = self.end_of_day(self.now, 1), _quantities(command)
        waiting = (command.member_id, "review", "points", points, lapses)
        claim = ModelClaim(*waiting, use=use, shares=split(points, shares))
        self._wait(deed, claim)

    def late(self, command: RecordActivity, deed: Deed) -> None:
        """Gives points of which there are only so many a day; the others wait."""
        points = 5 * command.quantity
        shares = split(points, _quantities(command))
        if points <= self._left_of_all(deed.happened):
            self._use(deed, "budget:words", "", deed.happened, points)
            self._mint(deed, "points", points)
            deed.shares["points"] = shares
            return
        waiting = (command.member_id, "late", "points", points, NEVER, "words")
        self._wait(deed, ModelClaim(*waiting, shares=shares))

    def walk(self, command: RecordActivity, deed: Deed) -> None:
        """Gives half of what is beyond the budget of a member."""
        who, points = command.member_id, 4 * command.quantity
        used = self.books.used["budget:each", who, _day(deed.happened)]
        left = max(_OF_EACH - used, 0)
        shares = split(points, _quantities(command))
        points = min(points, left + (max(points - left, 0)) // 2)
        deed.shares["points"] = split(points, shares)
        self._use(deed, "budget:each", who, deed.happened, points)
        self._mint(deed, "points", points)

    def _wait(self, deed: Deed, claim: ModelClaim) -> None:
        deed.claims.append(claim)
        self.books.claims.append(claim)

    def _left_of_all(self, happened: int) -> int:
        used = self.books.used["budget:words", "", _day(happened)]
        return max(_OF_ALL - used, 0)

    def _use(self, deed: Deed, what: str, whose: str, at: int, by: int) -> None:
        use = Use(what, whose, _day(at), _day(at) + DAY, by)
        self.books.used[use.key] += by
        deed.uses.append(use)

    def _mint(
        self, deed: Deed, unit: str, points: int, *, waits_until: int = 0
    ) -> None:
        """Makes the lot of an award; what is owed is repaid first."""
        if not points:
            return
        who = deed.member_id
        deed.earned[unit] += points
        repaid = min(self.owed(who, unit), points)
        self.move("issuance", f"shortfall:{who}", unit, repaid, who)
        self.move("issuance", f"member:{who}", unit, points - repaid, who)
        if points == repaid:
            return
        kept, ends = points - repaid, waits_until or NEVER
        lot = ModelLot(who, unit, kept, 0, ends, left=kept, earned=deed.happened)
        if waits_until:
            lot.waits, lot.starts = True, NEVER
        deed.made.append(self.add_lot(lot))

    def _concluded(self, deed: Deed) -> Outcome:
        """Returns the outcome, once pools, limits and tiers have been looked at."""
        who = deed.member_id
        given = self.give(who, deed.made)
        for unit, points in deed.earned.items():
            self.count("EARN", who, unit, points)
        for unit, points in deed.earned.items():
            self.gather(who, unit, points, deed.happened)
        deed.unit = next(iter(deed.earned), "")
        outcome = self.done(deed, draws=given, made=deed.made)
        self.receive(deed, given)
        return outcome


def split(points: int, weights: dict[str, int]) -> dict[str, int]:
    """Returns what of the points is for each item, or nothing for none.

    The items with the largest remainders get what rounding down leaves.
    """
    if weights and not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    total = sum(weights.values())
    shares = {each: Fraction(points * w, total) for each, w in weights.items()}
    whole = {each: floor(share) for each, share in shares.items()}
    order = sorted(whole, key=lambda each: whole[each] - shares[each])
    for each in order[: points - sum(whole.values())]:
        whole[each] += 1
    return whole


def _quantities(command: RecordActivity) -> dict[str, int]:
    return {item.id: item.quantity for item in command.items}


def _day(instant: int) -> int:
    """Returns the midnight before an instant."""
    return instant // DAY * DAY


_RULES: Final[dict[str, Callable[[Earning, RecordActivity, Deed], None]]] = {
    "purchase": Earning.purchase,
    "parcel": Earning.parcel,
    "review": Earning.review,
    "late": Earning.late,
    "walk": Earning.walk,
}
