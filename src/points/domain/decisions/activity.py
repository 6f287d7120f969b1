"""An activity: what it earns under the program, as one transaction in several units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

from points.domain.activities import NO_EARNINGS, Activity, Award, Earnings, Grant
from points.domain.bounds import NEVER, UNSET
from points.domain.claims import NO_RESERVE, Claim
from points.domain.commands import Command, RecordActivity
from points.domain.decisions.common import (
    active_member,
    effective_time,
)
from points.domain.decisions.posted import posted, postings_between
from points.domain.decisions.standings import settled_standings
from points.domain.decisions.times import Wish, day_after, end_after, times_of
from points.domain.identity import (
    CORE_CHANNEL,
    ISSUANCE,
    member_account,
    shortfall_account,
)
from points.domain.program import Program
from points.domain.standings import Standing
from points.domain.state import Decision, Stamp, State
from points.domain.values import Account, Lot, Member, Posting, Transaction


_WISHES_MAX: Final = 256
"""Most wishes that are remembered: programs have few units and events."""


def decide_record_activity(
    command: RecordActivity, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the activity with its awards: a lot for each that is not nothing.

    Those that wait to be collected make a claim each instead, and no points. What
    the member owes in a unit is repaid first. An activity that earns nothing
    is recorded as well. Raises MemberNotFound, MemberErased, MemberMerged,
    MemberFrozen, InvalidArgument, PeriodClosed, BudgetExhausted and LimitExceeded,
    in this order.
    """
    owner = active_member(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    activity = command.activity(happened)
    before = state.progress(stamp.part, command.member_id)
    earnings = NO_EARNINGS
    settled: tuple[Standing, ...] = ()
    if program.rules is not None:
        program.rules.check(activity, stamp.now)
        settled = settled_standings(program, state, stamp, owner)
        earnings = program.rules.earn(
            activity,
            owner,
            before,
            {each.ladder: each.tier for each in settled if each.tier},
            shared=state.counter,
        )
    granted = Granting(
        command=command,
        state=state,
        program=program,
        stamp=stamp,
        owner=owner,
        happened=happened,
        name=member_account(command.member_id),
    )
    granted.add_all(earnings.grants)
    accounts = posted(state, stamp.part, command.member_id, granted.postings)
    changes = earnings.moves or earnings.remainders
    return Decision(
        result=_transaction(command, activity, earnings, granted, accounts),
        effective_time=happened,
        channel=CORE_CHANNEL,
        accounts=accounts,
        counters=earnings.counters,
        lots=tuple(granted.lots),
        made_lot_count=len(granted.lots),
        claims=tuple(granted.claims),
        progress=before.after(earnings.moves, earnings.remainders, stamp.now)
        if changes
        else None,
        settled=settled,
    )


@dataclass(slots=True, kw_only=True)
class Granting:
    """Gathers what grants make: postings, lots, claims and awards.

    `name` is the account that the points go to.
    """

    command: Command
    state: State
    program: Program
    stamp: Stamp
    owner: Member
    happened: int
    name: str
    owed: dict[str, int] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def add_all(self, grants: Iterable[Grant]) -> None:
        """Adds what these grants make."""
        for grant in grants:
            rule_id, number, unit, points, why, shares, _, within, budget, _ = grant
            lot_number = position = 0
            if points and (within is not None or budget):
                position = self._wait(grant)
            elif points:
                lot_number = self._add(grant)
            self.awards.append(
                Award(rule_id, number, unit, points, lot_number, why, shares, position)
            )

    def _wait(self, grant: Grant) -> int:
        """Returns the position of the claim: nothing is minted before it is taken.

        The days count from that of the record: nobody can collect before.
        """
        now, within = self.stamp.now, grant.claim_within
        claim = Claim(
            part=self.stamp.part,
            number=self.stamp.number,
            position=len(self.claims) + 1,
            member_id=self.command.member_id,
            rule_id=grant.rule_id,
            award_number=grant.number,
            unit=grant.unit,
            points=grant.points,
            create_time=now,
            lapse_time=NEVER
            if within is None
            else end_after(within, now, self.program),
            budget=grant.budget,
            reserve=NO_RESERVE if grant.budget else grant.reserve,
        )
        self.claims.append(claim)
        return claim.position

    def _add(self, grant: Grant) -> int:
        """Returns the number of the lot, 0 if all of it repays what is owed."""
        name, unit, kept = self.name, grant.unit, grant.points
        if unit not in self.owed:
            account = self.state.account(self.stamp.part, name, unit)
            self.owed[unit] = account.shortfall
        if self.owed[unit]:
            kept = self._repay(grant, self.owed[unit])
        else:
            self.postings.append(Posting(ISSUANCE, name, unit, kept))
        return self._make_lot(grant, kept) if kept else 0

    def _repay(self, grant: Grant, owed: int) -> int:
        """Returns what is left of the points once what is owed was repaid."""
        repaid = min(owed, grant.points)
        kept = grant.points - repaid
        self.owed[grant.unit] = owed - repaid
        owing = shortfall_account(self.command.member_id)
        moves = ((ISSUANCE, owing, repaid), (ISSUANCE, self.name, kept))
        self.postings += postings_between(grant.unit, *moves)
        return kept

    def _make_lot(self, grant: Grant, points: int) -> int:
        wish = _wish(grant, self.program, self.happened)
        times = times_of(wish, self.program, self.owner, self.stamp, self.happened)
        activate_time, expire_time, waits_for, expiry = times
        lot = Lot(
            self.stamp.part,
            self.stamp.lot_number + len(self.lots),
            self.command.member_id,
            grant.unit,
            points,
            points,
            self.happened,
            activate_time,
            expire_time,
            self.stamp.number,
            waits_for=waits_for,
            expiry=expiry,
        )
        self.lots.append(lot)
        return lot.number


def _wish(grant: Grant, program: Program, happened: int) -> Wish:
    """Returns what an earn would ask of the times of the grant's lot."""
    after, event, cancel_after = grant.waiting
    if after is None and cancel_after is None:
        return _plain_wish(grant.unit, event)
    return Wish(
        grant.unit,
        day_after(after, happened, program) if after else UNSET,
        event,
        day_after(cancel_after, happened, program) if cancel_after else NEVER,
    )


@lru_cache(maxsize=_WISHES_MAX)
def _plain_wish(unit: str, event: str) -> Wish:
    return Wish(unit, waits_for=event)


def _transaction(
    command: RecordActivity,
    activity: Activity,
    earnings: Earnings,
    granted: Granting,
    accounts: Sequence[Account],
) -> Transaction:
    return Transaction(
        postings=tuple(granted.postings),
        balance_after=balance_after(granted.postings, accounts),
        reason=command.reason or command.activity_type,
        metadata=activity.attributes,
        lots=tuple(granted.lots),
        activity=_recorded(activity),
        awards=tuple(granted.awards),
        moves=earnings.moves,
        remainders=_written(earnings.remainders) if earnings.remainders else (),
        counters=earnings.counters,
        claims=tuple(granted.claims),
    )


def _written(remainders: Mapping[str, Fraction]) -> tuple[tuple[str, str], ...]:
    return tuple([(name, str(rest)) for name, rest in remainders.items()])


def balance_after(postings: Sequence[Posting], accounts: Sequence[Account]) -> int:
    """Returns what the member has then in the unit of the first posting, 0 if none."""
    if not postings:
        return 0
    unit = postings[0].unit
    (balance,) = [
        account.balance
        for account in accounts
        if account.unit == unit and account.account.startswith("member:")
    ]
    return balance


def _recorded(activity: Activity) -> Activity:
    """Returns the activity without attributes, which may be personal."""
    if not activity.attributes and not activity.items:
        return activity
    items = tuple(item._replace(attributes={}) for item in activity.items)
    return activity._replace(attributes={}, items=items)
