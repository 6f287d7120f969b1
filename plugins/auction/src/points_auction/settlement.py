"""Settlement and cancellation: a stored plan, carried out in bounded chunks.

A chunk is one command: what it does to points and how far the plan has come are
committed together, so that a kill at any point leaves either nothing of it or all,
and the job that waits goes on from there.

    RANK      sealed and all-pay bids are read page by page, the best are kept
    PAY       winners pay, and holds of leaders that do not win are given back
    RELEASE   holds of all other sealed bidders are given back; when an auction is
              cancelled all-pay bids are reversed instead
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from points.plugin import Context, DocumentPage, Reads, Refusal, Run
from points_auction import english
from points_auction.amounts import points_of
from points_auction.cases import SETTLE, Case, find, keep, plan_of, reveal_end
from points_auction.documents import BIDDER, PLAN, Bidder, Plan, Stage, keys_of
from points_auction.payments import collect, forfeit, is_fit, release
from points_auction.ranking import Candidate, Sale, best, sales
from points_auction.rounds import ACTIVE, Phase
from points_auction.terms import RANKED, SEALED, Form, Unfit


CHUNK_WORK: Final = 5
"""Holds that the first chunk gives back, and the least of any: some milliseconds."""

CHUNK_WORK_MAX: Final = 60
"""Holds that a chunk gives back at most: others wait for one chunk."""

STEP_TIME: Final = 8_000
"""Microseconds from one chunk to the next that the work of chunks is chosen for.

Alone, a settlement takes larger chunks; where others call, it waits for them, and what
it does in between becomes less.
"""

RANK_PER_WORK: Final = 10
"""Bids that are ranked in about the time that one hold is given back in."""

PAY_WORK: Final = 5
"""What a payment with its split costs, in holds given back."""

SMALL_COUNT: Final = 20
"""Bidders of an auction that is settled in one chunk; others are read ahead."""

SMALL_WORK: Final = 25
"""Work of that chunk: with more winners than it pays it has a second one."""


class Pace(NamedTuple):
    """Is the work of this chunk, and of the next one."""

    work: int
    ahead: int


_FIRST_LIMIT: Final = CHUNK_WORK * RANK_PER_WORK
"""Bidders that the first chunk reads: a page of ranking."""

SPARE_COUNT: Final = 20
"""Bidders ranked beyond the winners, to take the place of those who are not fit."""


def settle(ctx: Context, run: Run) -> None:
    """Is the job: takes one chunk, or waits until a late bid's new end."""
    case = find(ctx, run.owner)
    if case.round.phase is Phase.OPEN and ctx.now < reveal_end(case):
        ctx.schedule(SETTLE, reveal_end(case), owner=case.auction_id)
    else:
        advance(ctx, case, _pace(ctx, run))


def _pace(ctx: Context, run: Run) -> Pace:
    """Returns how much to do: as much as the instants of the last chunks allow.

    A run is due when the chunk before it was decided, which had `done` so much.
    """
    work, done = run.body.get("work", 0), run.body.get("done", 0)
    if not (work and done):
        return _first_pace()
    wanted = done * STEP_TIME // max(1, ctx.now - run.due_time)
    least, most = max(CHUNK_WORK, work // 2), min(CHUNK_WORK_MAX, 2 * work)
    return Pace(work, max(least, min(wanted, most)))


def _first_pace() -> Pace:
    return Pace(CHUNK_WORK, CHUNK_WORK)


def reads_settle(run: Run) -> Reads:
    """Returns what a chunk reads: what the chunk before has seen ahead."""
    holds, limit = run.body.get("holds", ()), run.body.get("limit", _FIRST_LIMIT)
    page = DocumentPage(BIDDER.name, run.owner, run.body.get("after", ""), limit)
    return Reads(
        units=("points",),
        members=tuple(run.body.get("members", ())),
        documents=keys_of(run.owner),
        holds=tuple((member_id, hold_id) for member_id, hold_id in holds),
        pages=(page,) if limit else (),
    )


def advance(ctx: Context, case: Case, pace: Pace | None = None) -> Case:
    """Takes one chunk of the settlement, and has the next one done at once."""
    plan = plan_of(ctx, case.auction_id)
    if case.round.phase not in ACTIVE:
        return case
    # Who does not wait for the job does its work: it has none left.
    ctx.unschedule(SETTLE, owner=case.auction_id, key=_key(plan))
    if case.round.phase is Phase.OPEN:
        case = keep(ctx, case, case.round._replace(phase=Phase.SETTLING))
        plan = _begun(case, plan)
    return carry_on(ctx, case, plan, pace or _first_pace())


def cancel(ctx: Context, case: Case) -> Case:
    """Calls an open auction off, and takes the first chunk of giving all back."""
    ctx.unschedule(SETTLE, owner=case.auction_id)
    case = keep(ctx, case, case.round._replace(phase=Phase.CANCELLING))
    back = tuple(
        Sale(one.member_id, 0, one.hold_id, is_won=False) for one in case.round.leaders
    )
    plan = plan_of(ctx, case.auction_id)._replace(stage=Stage.PAY, sales=back)
    return carry_on(ctx, case, plan, _first_pace())


def carry_on(ctx: Context, case: Case, plan: Plan, pace: Pace) -> Case:
    """Does a chunk of work of a plan and keeps how far it has come."""
    is_small = case.round.bidder_count <= SMALL_COUNT
    work = SMALL_WORK if is_small else pace.work
    while work > 0 and plan.stage is not Stage.DONE:
        case, plan, done = _STEPS[plan.stage](ctx, case, plan, work)
        work -= done if is_small else work
    plan = plan._replace(chunk=plan.chunk + 1)
    ctx.state.put(PLAN, case.auction_id, plan)
    if plan.stage is Stage.DONE:
        return _finished(ctx, case)
    case = keep(ctx, case, case.round)
    ctx.schedule(
        SETTLE,
        ctx.now,
        owner=case.auction_id,
        key=_key(plan),
        body=_ahead(ctx, case, plan, pace),
    )
    return case


def _key(plan: Plan) -> str:
    """Returns the key of the next chunk's job: chunks of one instant are several."""
    return f"{plan.chunk:06}" if plan.chunk else ""


def _begun(case: Case, plan: Plan) -> Plan:
    if case.terms.form in RANKED:
        return plan
    sold = english.sales(case.terms, case.round)
    return plan._replace(stage=Stage.PAY, sales=sold)


def _finished(ctx: Context, case: Case) -> Case:
    is_cancelled = case.round.phase is Phase.CANCELLING
    phase = Phase.CANCELLED if is_cancelled else Phase.SETTLED
    ctx.emit(phase.lower(), {"auction_id": case.auction_id})
    return keep(ctx, case, case.round._replace(phase=phase))


def _rank(ctx: Context, case: Case, plan: Plan, work: int) -> tuple[Case, Plan, int]:
    """Ranks a page of bids; after the last one it is known who wins."""
    limit, terms = work * RANK_PER_WORK, case.terms
    page = _page(ctx, case, plan, limit)
    highest = (-plan.behind[0], plan.behind[1])
    seen = (
        Candidate(
            points_of(ctx, case.auction_id, member_id, one),
            one.sequence,
            member_id,
            one.hold_id,
        )
        for member_id, one in page
    )
    lower = (one for one in seen if one.rank() > highest)
    count = terms.units + 1 + SPARE_COUNT
    ranked = best((*plan.ranked, *lower), count, least=terms.least_points)
    plan = plan._replace(ranked=ranked, after=page[-1][0] if page else "")
    if len(page) == limit:
        return case, plan, work
    return case, _decided(ctx, case, plan, count), 1 + len(page) // RANK_PER_WORK


def _decided(ctx: Context, case: Case, plan: Plan, count: int) -> Plan:
    """Returns the plan once everybody is ranked: sales, or another ranking.

    That is needed if so many of the best do not count that others might be next.
    """
    terms, ranked = case.terms, _counting(ctx, case, plan.ranked)
    if len(plan.ranked) == count and len(ranked) <= terms.units:
        last = plan.ranked[-1]
        behind = (last.points, last.sequence)
        return plan._replace(ranked=ranked, after="", behind=behind)
    sold = sales(terms, ranked[: terms.units + 1])
    return plan._replace(stage=Stage.PAY, ranked=(), after="", sales=sold)


def _counting(
    ctx: Context, case: Case, ranked: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """Returns those ranked whose bids count, as far as they win or set a price."""
    terms = case.terms
    if terms.unfit is Unfit.NEXT:
        unfit = _unfit(ctx, ranked, terms.units + 1)
        ranked = tuple(one for one in ranked if one.member_id not in unfit)
    if terms.form is Form.SEALED_SECOND:
        return _priced(ctx, case, ranked)
    return ranked


def _priced(
    ctx: Context, case: Case, ranked: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """Gives back the hold of the bid that sets the price, the first that does not win.

    One whose hold is not there, since an operator voided it, is no bid: the next sets
    the price.
    """
    units = case.terms.units
    for place, one in enumerate(ranked[units:], units):
        if release(ctx, case, one.member_id, one.hold_id):
            return (*ranked[:units], *ranked[place:])
    return ranked[:units]


def _unfit(ctx: Context, ranked: tuple[Candidate, ...], count: int) -> tuple[str, ...]:
    """Returns who is not fit of the best, until so many are found that are."""
    unfit: list[str] = []
    for place, one in enumerate(ranked):
        if place - len(unfit) == count:
            break
        if not is_fit(ctx, one.member_id):
            unfit.append(one.member_id)
    return tuple(unfit)


def _pay(ctx: Context, case: Case, plan: Plan, work: int) -> tuple[Case, Plan, int]:
    """Has the next winners pay."""
    due = plan.sales[plan.paid_count :][: max(1, work // PAY_WORK)]
    for sale in due:
        case, plan = _sold(ctx, case, plan, sale)
    if plan.paid_count == len(plan.sales):
        plan = plan._replace(stage=_after_pay(case))
    return case, plan, PAY_WORK * len(due)


def _sold(ctx: Context, case: Case, plan: Plan, sale: Sale) -> tuple[Case, Plan]:
    plan = plan._replace(paid_count=plan.paid_count + 1)
    if not sale.is_won:
        release(ctx, case, sale.member_id, sale.hold_id)
        return case, plan
    result = collect(ctx, case, sale)
    ground = case.round._replace(
        sold_count=case.round.sold_count + (not result.is_unsold),
        paid_points=case.round.paid_points + result.points,
    )
    return case._replace(round=ground), plan._replace(results=(*plan.results, result))


def _after_pay(case: Case) -> Stage:
    """Returns what comes next: only sealed bids still hold points of all bidders."""
    form = case.terms.form
    is_back = form is Form.ALL_PAY and case.round.phase is Phase.CANCELLING
    return Stage.RELEASE if form in SEALED or is_back else Stage.DONE


def _release(ctx: Context, case: Case, plan: Plan, work: int) -> tuple[Case, Plan, int]:
    """Gives back what a page of bidders hold, or have paid in a cancelled auction."""
    page = _page(ctx, case, plan, _release_limit(case, work))
    won = {one.member_id for one in plan.sales}
    for member_id, bidder in page:
        if member_id not in won:
            case = _given_back(ctx, case, member_id, bidder)
    is_last = len(page) < _release_limit(case, work)
    plan = plan._replace(
        after=page[-1][0] if page else plan.after,
        stage=Stage.DONE if is_last else plan.stage,
    )
    return case, plan, work if page else 1


def _release_limit(case: Case, work: int) -> int:
    """Returns how many bidders a chunk looks at, with all that they have paid."""
    if case.terms.form is Form.ALL_PAY:
        return max(1, work // case.terms.bids_max)
    return work


def _given_back(ctx: Context, case: Case, member_id: str, bidder: Bidder) -> Case:
    is_settled = case.round.phase is Phase.SETTLING
    burned = 0
    if bidder.commitment and not bidder.is_told and is_settled:
        burned = forfeit(ctx, case, member_id, bidder.hold_id)
    else:
        release(ctx, case, member_id, bidder.hold_id)
    returned = sum(_reversed(ctx, case, member_id, one) for one in bidder.payments)
    paid = case.round.paid_points + burned - returned
    return case._replace(round=case.round._replace(paid_points=paid))


def _reversed(ctx: Context, case: Case, member_id: str, transaction_id: str) -> int:
    """Gives an all-pay bid back; returns the points, 0 if its member is gone."""
    try:
        posted = ctx.ledger.reverse(
            transaction_id, member_id=member_id, reason=case.reason
        )
    except Refusal:
        return 0
    return posted.points


def _page(ctx: Context, case: Case, plan: Plan, limit: int) -> list[tuple[str, Bidder]]:
    return list(ctx.state.list(BIDDER, case.auction_id, after=plan.after, limit=limit))


def _ahead(ctx: Context, case: Case, plan: Plan, pace: Pace) -> dict[str, Any]:
    """Returns what the next chunk touches: members, holds and bidders to be read.

    Of who only gets a hold back nothing but that is read. The bidders are those of its
    own page, and of what it sees ahead itself, which may be twice as many.
    """
    holds: list[tuple[str, str]] = []
    members: list[str] = []
    work, sight = pace.ahead, min(2 * pace.ahead, CHUNK_WORK_MAX)
    limit = work * RANK_PER_WORK
    if plan.stage is Stage.PAY:
        terms = case.terms
        due = plan.sales[plan.paid_count :][: max(1, work // PAY_WORK)]
        holds = [(one.member_id, one.hold_id) for one in due]
        members = [name for name, _ in holds]
        members += filter(None, (terms.seller_id, terms.shares.charity_member_id))
        limit = sight
    elif plan.stage is Stage.RELEASE:
        page = _page(ctx, case, plan, _release_limit(case, work))
        holds = [(member_id, one.hold_id) for member_id, one in page]
        members = [name for name, one in page if one.payments or one.commitment]
        limit = work + sight
    return {
        "members": list(dict.fromkeys(members)),
        "holds": [each for each in holds if each[1]],
        "after": plan.after,
        "limit": limit,
        "work": work,
        "done": pace.work,
    }


_STEPS: Final = {Stage.RANK: _rank, Stage.PAY: _pay, Stage.RELEASE: _release}
