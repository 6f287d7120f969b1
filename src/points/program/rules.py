"""The rules of a program as decisions of the ledger ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Final

from points.domain.activities import (
    NO_EARNINGS,
    Activity,
    Earnings,
    Grant,
)
from points.domain.activities import Award as Granted
from points.domain.budgets import BudgetForm
from points.domain.calendar.windows import window_of
from points.domain.claims import Reserve
from points.domain.counters import Counter, CounterKey
from points.domain.progress import (
    Move,
    Progress,
    budget_counter,
    counter_name,
    remainder_name,
)
from points.domain.rules import SegmentInfo, SegmentTerms
from points.domain.scores import NO_SCORES, scores_of
from points.domain.values import Member
from points.program.admission import check_activity
from points.program.asking import Asking, exchange
from points.program.bounding import Bounded, bound, counts, shared_keys
from points.program.budgeting import budget_of
from points.program.cel.compiling import ExpressionFailed
from points.program.earning import Award, Failure, awards_of
from points.program.earning import Earnings as Earned
from points.program.facts import Facts, TimesKey
from points.program.rounding import times
from points.program.rulebook import ReadyAward, ReadyRule, Rulebook


_NO_REMAINDERS: Final[Mapping[tuple[str, int], Fraction]] = MappingProxyType({})
_NO_TIERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """Is the rules of one document."""

    rulebook: Rulebook

    def units(self, activity_type: str) -> tuple[str, ...]:
        """Returns the units that activities of a type may earn, each once."""
        sheet = self.rulebook.sheets.get(activity_type)
        return sheet.units if sheet else ()

    def looks_back(self, activity_type: str) -> bool:
        """Says whether activities of a type ask for the progress of their member."""
        sheet = self.rulebook.sheets.get(activity_type)
        return sheet is not None and sheet.looks_back

    def shares(self, activity_type: str) -> bool:
        """Says whether activities of a type may move counters shared by members."""
        sheet = self.rulebook.sheets.get(activity_type)
        return sheet is not None and bool(sheet.shared)

    def check(self, activity: Activity, now: int) -> None:
        """Raises InvalidArgument that names each field the program does not take."""
        check_activity(self.rulebook.document, activity, now)

    def money(self, activity: Activity) -> int:
        """Returns the activity's money in minor units of the program's currency.

        It may be from another version of the program: what this one cannot exchange
        is nothing.
        """
        money = self.rulebook.document.money
        if money is None or activity.currency not in ("", money.currency, *money.rates):
            return 0
        return floor(times(activity.money, exchange(self.rulebook, activity)))

    def counters(
        self, activity: Activity, member: Member, progress: Progress
    ) -> tuple[CounterKey, ...]:
        """Returns the counters shared by members that `earn` may ask for."""
        sheet = self.rulebook.sheets.get(activity.type)
        if sheet is None or not sheet.shared:
            return ()
        rules = sheet.shared
        awards = [_nothing(ready, each) for ready in rules for each in ready.awards]
        facts = self._facts(activity, member, progress, ())
        try:
            return shared_keys(self.rulebook, activity, facts, awards)
        except ExpressionFailed:
            return ()  # is refused where it is decided

    def earn(
        self,
        activity: Activity,
        member: Member,
        progress: Progress,
        tiers: Mapping[str, str],
        *,
        shared: Callable[[str, int], Counter],
    ) -> Earnings:
        """Returns what an activity that `check` has let in earns."""
        sheet = self.rulebook.sheets.get(activity.type)
        if sheet is None:
            return NO_EARNINGS
        needed = sheet.times
        facts = self._facts(activity, member, progress, needed, tiers)
        earned = awards_of(self.rulebook, activity, facts)
        if not sheet.looks_back:
            return self._given(earned)
        bounded = Bounded(earned.awards)
        if sheet.is_bounded and earned.awards:
            bounded = bound(
                self.rulebook,
                activity,
                facts,
                earned.awards,
                progress=progress,
                shared=shared,
            )
        awards, moves, counters, waiting = bounded
        given = (*awards, *waiting) if waiting else awards
        grants = [self._paid(award, activity) for award in awards]
        grants += [self._queue(award) for award in waiting]
        grants += map(_failed, earned.failures)
        if needed:
            moves = (*moves, *self._met(activity, given, needed))
        return Earnings(
            tuple(grants), moves, dict(_remainders(given, progress)), counters
        )

    def counts(self, counter: str, award: Granted) -> bool:
        """Says whether a cap, a budget or the times of a rule count an award."""
        return counts(self.rulebook, counter, award)

    def _given(self, earned: Earned) -> Earnings:
        """Returns what is earned where nothing is counted, carried or bounded."""
        grants = tuple([self._grant(award) for award in earned.awards])
        return Earnings((*grants, *map(_failed, earned.failures)))

    def all_segments(self) -> tuple[SegmentTerms, ...]:
        """Returns the segments of the program, by name."""
        return tuple(
            SegmentTerms(name, segment.title, segment.when, segment.within)
            for name, segment in sorted(self.rulebook.document.segments.items())
        )

    def segments(
        self,
        member: Member,
        progress: Progress,
        tiers: Mapping[str, str],
        now: int,
    ) -> tuple[SegmentInfo, ...]:
        """Returns the segments of the program, and whether the member is in each."""
        nothing = Activity("", now)
        facts = self._facts(nothing, member, progress, (), tiers)
        asking = Asking(self.rulebook, nothing, facts)
        return tuple(
            SegmentInfo(name, segment.title, asking.is_in(name))
            for name, segment in sorted(self.rulebook.document.segments.items())
        )

    def _facts(
        self,
        activity: Activity,
        member: Member,
        progress: Progress,
        needed: Iterable[TimesKey],
        tiers: Mapping[str, str] = _NO_TIERS,
    ) -> Facts:
        told = (member.member_id, member.create_time, member.attributes, tiers)
        sheet = self.rulebook.sheets.get(activity.type)
        if sheet is not None and not sheet.looks_back:
            return Facts(*told)
        times = {key: progress.used(self._times(activity, key).name) for key in needed}
        return Facts(
            *told,
            times=times,
            remainders=_carried(progress),
            scores=scores_of(progress) if self.rulebook.document.scores else NO_SCORES,
        )

    def _met(
        self, activity: Activity, awards: Iterable[Award], needed: Iterable[TimesKey]
    ) -> Iterator[Move]:
        """Yields a step of each window in which the times of a rule are counted.

        A rule that has given no points was not met.
        """
        rules = {award.rule_id for award in awards if award.points}
        yield from (self._times(activity, key) for key in needed if key[0] in rules)

    def _times(self, activity: Activity, key: TimesKey) -> Move:
        rule_id, kind = key
        start, end = window_of(kind, activity.occur_time, self.rulebook.zone)
        return Move(counter_name("rule", rule_id, kind, start_time=start), 1, end)

    def _grant(self, award: Award) -> Grant:
        rule_id, number, unit, points, steps, _, shares = award
        waiting, within, _ = self.rulebook.terms[rule_id, unit]
        explanation = tuple(map(str, steps))
        return Grant(
            rule_id, number, unit, points, explanation, shares, waiting, within
        )

    def _paid(self, award: Award, activity: Activity) -> Grant:
        """Returns the grant of an award, with what has paid for it if it waits."""
        grant = self._grant(award)
        if grant.claim_within is None or not grant.points:
            return grant
        budget = budget_of(award, self.rulebook)
        if budget is None:
            return grant
        window = budget.period(activity.occur_time, self.rulebook.zone)
        is_own = budget.form is BudgetForm.PER_MEMBER
        name = budget.counter_name
        own = budget_counter(name, window.start_time) if is_own else name
        return grant._replace(reserve=Reserve(own, *window))

    def _queue(self, award: Award) -> Grant:
        """Returns the grant of an award that waits for its budget."""
        terms = self.rulebook.terms[award.rule_id, award.unit]
        return self._grant(award)._replace(budget=terms.budget)


def _nothing(rule: ReadyRule, ready: ReadyAward) -> Award:
    return Award(rule.id, ready.number, ready.award.unit, 0, (), None)


def _failed(failure: Failure) -> Grant:
    """Returns a grant of nothing that says what in the document had no value."""
    path, reason = failure
    rule_id = path.removeprefix("rules.") if path.startswith("rules.") else ""
    return Grant(rule_id, 0, "", 0, (f"{path} has no value: {reason}",))


def _carried(progress: Progress) -> Mapping[tuple[str, int], Fraction]:
    if not progress.remainders:
        return _NO_REMAINDERS
    split = ((name.rpartition("/"), rest) for name, rest in progress.remainders.items())
    return {(rule_id, int(number)): rest for (rule_id, _, number), rest in split}


def _remainders(
    awards: Iterable[Award], progress: Progress
) -> Iterator[tuple[str, Fraction]]:
    """Yields the fractions that are carried from now on, where they change."""
    for award in awards:
        if award.remainder is None:
            continue
        name = remainder_name(award.rule_id, award.number)
        if award.remainder != progress.remainders.get(name, 0):
            yield name, award.remainder
