"""Claims: an award that waits is collected, and its points are minted at last.

Or its time is over: then the budget that has paid for it may pay again, as long as
its period lasts.
"""

from __future__ import annotations

from typing import NamedTuple

from points.domain.activities import Grant
from points.domain.budgets import BudgetForm, BudgetTerms, Level
from points.domain.calendar.windows import Window
from points.domain.claims import Claim, ClaimPlace, ClaimState
from points.domain.commands import ClaimAward, LapseClaim
from points.domain.counters import CounterMove
from points.domain.decisions.activity import Granting, balance_after
from points.domain.decisions.common import check_active, existing_member
from points.domain.decisions.posted import posted
from points.domain.identity import CORE_CHANNEL, Place, member_account
from points.domain.instants import write_instant
from points.domain.program import Program
from points.domain.progress import Move, Progress, budget_counter
from points.domain.refusals import (
    BudgetExhausted,
    ClaimLapsed,
    ClaimNotFound,
    ClaimNotOpen,
    NothingDue,
)
from points.domain.state import Decision, Stamp, State
from points.domain.values import Transaction


class _Payment(NamedTuple):
    """Is what collecting moves of the counters of the budget that was waited for."""

    moves: tuple[Move, ...] = ()
    counters: tuple[CounterMove, ...] = ()
    explanation: tuple[str, ...] = ()


def decide_claim_award(
    command: ClaimAward, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the points of the claim in a lot whose life begins now.

    Raises MemberNotFound, MemberErased, MemberMerged, MemberFrozen, ClaimNotFound,
    ClaimNotOpen, ClaimLapsed, UnitUnknown, BudgetExhausted and LimitExceeded, in
    this order.
    """
    check_active(state, stamp, command.member_id)
    claim = _open_claim(command, state, stamp)
    program.unit(claim.unit)
    before = state.progress(stamp.part, command.member_id)
    paid = _pay(claim, before, state, program, stamp)
    granted = Granting(
        command=command,
        state=state,
        program=program,
        stamp=stamp,
        owner=existing_member(state, stamp, command.member_id),
        happened=stamp.now,
        name=member_account(command.member_id),
    )
    granted.add_all([_grant(claim, paid)])
    accounts = posted(state, stamp.part, command.member_id, granted.postings)
    collected = claim.collected(stamp.number)
    return Decision(
        result=Transaction(
            postings=tuple(granted.postings),
            balance_after=balance_after(granted.postings, accounts),
            reason=command.reason or claim.rule_id,
            metadata={},
            lots=tuple(granted.lots),
            awards=tuple(granted.awards),
            moves=paid.moves,
            counters=paid.counters,
            claims=(collected,),
        ),
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        accounts=accounts,
        counters=paid.counters,
        lots=tuple(granted.lots),
        made_lot_count=len(granted.lots),
        progress=before.after(paid.moves, {}, stamp.now) if paid.moves else None,
        claims=(collected,),
    )


def decide_lapse_claim(
    command: LapseClaim, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns what the budget of a claim gets back, whatever its member has become.

    Raises NothingDue for a claim that has been collected or ended, whose time is not
    over, or whose budget's period is.
    """
    claim = state.claim(command.claim)
    if claim is None or claim.member_id != command.member_id:
        raise NothingDue(command.member_id)
    moves, counters = claim.reserve.back(claim.points, stamp.now)
    is_due = claim.state is ClaimState.OPEN and claim.lapse_time <= stamp.now
    if not is_due or not (moves or counters):
        raise NothingDue(command.member_id)
    ended, before = claim.lapsed(), state.progress(stamp.part, command.member_id)
    return Decision(
        result=Transaction(
            postings=(),
            balance_after=0,
            reason=claim.rule_id,
            metadata={},
            moves=tuple(moves),
            counters=tuple(counters),
            claims=(ended,),
        ),
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        counters=tuple(counters),
        progress=before.after(moves, {}, stamp.now) if moves else None,
        claims=(ended,),
    )


def _open_claim(command: ClaimAward, state: State, stamp: Stamp) -> Claim:
    """Returns the claim; raises ClaimNotFound, another member's too, and the rest."""
    place = ClaimPlace.of_claim(command.claim_id)
    claim = state.claim(place) if place and place.part == stamp.part else None
    if claim is None or claim.member_id != command.member_id:
        raise ClaimNotFound(command.claim_id)
    match claim.state_at(stamp.now):
        case ClaimState.LAPSED:
            raise ClaimLapsed(command.claim_id, write_instant(claim.lapse_time))
        case ClaimState.OPEN:
            return claim
        case ended:
            raise ClaimNotOpen(command.claim_id, ended.value)


def _grant(claim: Claim, paid: _Payment) -> Grant:
    """Returns what the claim gives now, which is told where it comes from."""
    origin = Place(claim.part, claim.number).transaction_id()
    return Grant(
        claim.rule_id,
        claim.award_number,
        claim.unit,
        claim.points,
        (f"collected of {origin}: {claim.points}", *paid.explanation),
    )


def _pay(
    claim: Claim, before: Progress, state: State, program: Program, stamp: Stamp
) -> _Payment:
    """Returns what the budget pays that the claim waits for, from its present period.

    A budget that the program no longer has pays nothing. Raises BudgetExhausted.
    """
    if not claim.budget:
        return _Payment()
    budget = program.budgets.get(claim.budget)
    if budget is None or budget.unit != claim.unit:
        raise BudgetExhausted(claim.budget, claim.unit, 0, claim.points)
    if budget.form is BudgetForm.UNLIMITED:
        return _Payment()
    window = budget.period(stamp.now, program.zone)
    left = budget.left(*_levels(budget, window, before, state))
    if claim.points > left:
        raise BudgetExhausted(budget.name, budget.unit, left, claim.points)
    rest = left - claim.points
    moves, counters = _moved(budget, window, claim.points)
    why = (f"budget {budget.name} pays, {rest} left: {claim.points}",)
    return _Payment(moves, counters, why)


def _levels(
    budget: BudgetTerms, window: Window, before: Progress, state: State
) -> tuple[Level, ...]:
    """Returns where the budget's own counter stands, then that of reported money."""
    if budget.form is BudgetForm.PER_MEMBER:
        own = budget_counter(budget.counter_name, window.start_time)
        return (Level(before.used(own)),)
    names = (budget.counter_name, budget.figures_name)
    found = [state.counter(name, window.start_time) for name in names if name]
    return tuple(Level(each.used, each.granted) for each in found)


def _moved(
    budget: BudgetTerms, window: Window, points: int
) -> tuple[tuple[Move, ...], tuple[CounterMove, ...]]:
    """Returns how points paid move the member's progress and shared counters."""
    name = budget.counter_name
    if budget.form is BudgetForm.PER_MEMBER:
        own = budget_counter(name, window.start_time)
        return (Move(own, points, window.end_time),), ()
    return (), (CounterMove(name, *window, used=points),)
