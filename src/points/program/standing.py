"""Where a member stands on a ladder, at any instant, from what was gathered.

What nobody looked at is worked out when somebody does, step by step at the instants
at which it happened: a standing is the same whether it was swept or not. What was
gathered is as of `update_time` and later; every change of it is one more step.
"""

from __future__ import annotations

from typing import Final

from points.domain.bounds import NEVER
from points.domain.ladders import Floor
from points.domain.qualifying import DAY_MIN, Qualified
from points.domain.standings import NO_TIER, Standing, StandingCause, first_standing
from points.program.document.ladders import Demotion, PeriodKind, Promotion
from points.program.gathering import Gathering, gathering_of
from points.program.ladders import ReadyLadder, retain_of
from points.program.tier_terms import (
    drop_day,
    grace_end,
    judged_from,
    next_period,
    period_days,
    start_of,
    term_end,
)


STEPS_MAX: Final = 20_000
"""Most steps that are made up for at once: half a century of daily terms."""

_NO_DAY: Final = 10**9
"""Is past the end of every calendar."""


def begun(
    ready: ReadyLadder, part: int, member_id: str, member_create_time: int
) -> Standing:
    """Returns the standing with which a member begins: the tier that needs nothing."""
    first = first_standing(part, member_id, ready.name, member_create_time)
    tier = ready.reached(ready.value({}, period_days(ready, 0, 0)))
    found = first._replace(earned=tier, base=tier)
    gathering = gathering_of(ready, {}, member_create_time)
    held = _with_term(gathering, found, member_create_time)
    cause = StandingCause.QUALIFIED
    shown = _shown(ready, held, member_create_time, cause)
    return evaluate(ready, shown, {}, member_create_time, member_create_time)


def evaluate(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    now: int,
) -> Standing:
    """Returns the standing as it is at `now`, never before its `update_time`.

    Nothing was gathered or taken back since then; `moved` says what that does.
    """
    gathering = gathering_of(ready, amounts, member_create_time)
    current = _fitted(gathering, standing, now)
    current = _caught_up(gathering, current, now)
    current = _step(gathering, current, now)
    return current._replace(due_time=_next_step(gathering, current, now))


def moved(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    now: int,
    *,
    is_less: bool = False,
) -> Standing:
    """Returns the standing after the amounts have become these, at `now`.

    `standing` is what `evaluate` returned for `now` and what there was before.
    Where something was taken back (`is_less`) a tier of this term is lost that it
    had reached.
    """
    gathering = gathering_of(ready, amounts, member_create_time)
    current = _undone(gathering, standing, now) if is_less else standing
    current = _step(gathering, current, now)
    if _is_by_step(ready) or current.until_time <= now:
        current = current._replace(update_time=now)
    return current._replace(due_time=_next_step(gathering, current, now))


def next_due(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    now: int,
) -> int:
    """Returns the next instant after `now` at which a standing may change by itself.

    The standing is as `evaluate` returned it for `now`; NEVER if nothing will.
    """
    return _next_step(gathering_of(ready, amounts, member_create_time), standing, now)


def floored(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    floor: Floor,
) -> Standing:
    """Returns the standing with a floor from now on; without, if its tier is none.

    The standing is as `evaluate` returned it for the floor's `set_time`.
    """
    now, until_time = floor.set_time, floor.until_time if floor.tier else NEVER
    cause = StandingCause.SET
    held = standing._replace(
        floor=floor.tier,
        floor_until_time=until_time,
        cause=cause,
        update_time=now,
        noticed_time=0,
    )
    gathering = gathering_of(ready, amounts, member_create_time)
    shown = _shown(ready, held, now, cause)
    return shown._replace(due_time=_next_step(gathering, shown, now))


def first_needed_day(
    ready: ReadyLadder, standing: Standing, member_create_time: int, now: int
) -> int:
    """Returns the first day that can count from now on: those before are pruned."""
    gathering = gathering_of(ready, {}, member_create_time)
    earliest = gathering.day_at(now)
    if standing.until_time != NEVER:
        earliest = min(earliest, judged_from(ready, standing.until_time))
    if standing.until_time != NEVER and standing.base != standing.earned:
        earliest = min(earliest, gathering.day_at(standing.earned_time))
    if ready.ladder.promote is Promotion.NEXT_PERIOD:
        earliest = gathering.last_period(earliest)
    return period_days(ready, earliest, gathering.created).first


def _is_by_step(ready: ReadyLadder) -> bool:
    """Says whether time alone may promote, so that it matters when things moved."""
    return ready.formula is not None or ready.ladder.promote is Promotion.NEXT_PERIOD


def _caught_up(gathering: Gathering, standing: Standing, now: int) -> Standing:
    current, seen = standing, standing.update_time
    for _ in range(STEPS_MAX):
        due = _next_step(gathering, current, seen)
        if due > now:
            break
        current, seen = _step(gathering, current, due), due
    return current


def _next_step(gathering: Gathering, standing: Standing, seen: int) -> int:
    """Returns the first instant after one at which anything may happen by itself."""
    ends = (standing.until_time, standing.lose_time, standing.floor_until_time)
    after = [each for each in ends if each > seen]
    return min([*after, _next_promotion(gathering, standing, seen), NEVER])


def _next_promotion(gathering: Gathering, standing: Standing, seen: int) -> int:
    ready, day = gathering.ready, gathering.day_at(seen)
    if ready.formula is not None:
        return start_of(ready, _next_value(gathering, day))
    if ready.ladder.promote is Promotion.AT_ONCE:
        return NEVER
    coming = ready.reached(gathering.value_at(day))
    if ready.rank(coming) <= ready.rank(standing.earned):
        return NEVER
    return start_of(ready, next_period(ready, day, gathering.created))


def _next_value(gathering: Gathering, day: int) -> int:
    """Returns the first day after one on which a formula may have another value.

    Sums only fall as time goes by, yet a formula may rise with that.
    """
    ready = gathering.ready
    days = ready.days_of(gathering.amounts)
    length = ready.ladder.period.length
    if length is not None:
        # One day more is there, one is out, and either counts a day later, too.
        changes = {each for there in days for each in (there, drop_day(length, there))}
        steps = {step for each in changes for step in (each, each + 1)}
        return min((each for each in steps if each > day), default=_NO_DAY)
    if ready.ladder.period.kind is PeriodKind.LIFETIME:
        return _NO_DAY
    return _next_whole(gathering, day, days)


def _next_whole(gathering: Gathering, day: int, days: list[int]) -> int:
    ready, created = gathering.ready, gathering.created
    first = period_days(ready, day, created).first
    before = period_days(ready, max(DAY_MIN, first - 1), created).first
    if not any(there >= before for there in days):
        return _NO_DAY
    return next_period(ready, day, created)


def _fitted(gathering: Gathering, standing: Standing, now: int) -> Standing:
    """Returns the standing without what the ladder no longer has."""
    ready = gathering.ready
    if standing.earned and not ready.is_earned(standing.earned):
        tier = ready.reached(gathering.earning_value(now))
        standing = _begin_term(gathering, standing, tier, now, StandingCause.PROGRAM)
    if standing.floor and not ready.rank(standing.floor):
        standing = standing._replace(floor=NO_TIER, floor_until_time=NEVER)
    if standing.base and not ready.is_earned(standing.base):
        standing = standing._replace(base=NO_TIER)
    has_term = standing.until_time != NEVER
    if has_term is not ready.ends(standing.earned):
        standing = _with_term(gathering, standing, now)
    return _shown(ready, standing, now, StandingCause.PROGRAM)


def _step(gathering: Gathering, standing: Standing, instant: int) -> Standing:
    """Returns the standing after what happens at an instant, and all before it."""
    ready = gathering.ready
    after = _judged(gathering, _without_ended_floor(standing, instant), instant)
    tier = ready.reached(gathering.earning_value(instant))
    if ready.rank(tier) > ready.rank(after.earned):
        base = after.base
        cause = StandingCause.QUALIFIED
        after = _begin_term(gathering, after, tier, instant, cause)._replace(base=base)
    return _shown(ready, after, instant, StandingCause.DEMOTED)


def _judged(gathering: Gathering, standing: Standing, instant: int) -> Standing:
    ready, tier = gathering.ready, gathering.ready.tier(standing.earned)
    if tier is None or standing.until_time > instant:
        return standing
    value = gathering.judged_value(standing, instant)
    if value >= retain_of(tier):
        # A grace may be longer than a term: the next one may be over, too.
        return _judged(gathering, _retained(gathering, standing, instant), instant)
    if standing.lose_time > instant:
        return standing
    lower = _lower(ready, standing.earned, value)
    cause = StandingCause.DEMOTED
    return _begin_term(gathering, standing, lower, instant, cause)


def _retained(gathering: Gathering, standing: Standing, instant: int) -> Standing:
    """Returns the standing in a new term, that begins where the old one has ended."""
    first = standing._replace(
        base=standing.earned, cause=StandingCause.RETAINED, update_time=instant
    )
    return _with_term(gathering, first, standing.until_time)


def _lower(ready: ReadyLadder, tier: str, value: int) -> str:
    if ready.ladder.demote is Demotion.SEVERAL:
        return ready.kept(value, tier)
    return ready.one_below(tier)


def _undone(gathering: Gathering, standing: Standing, now: int) -> Standing:
    """Returns the standing without a tier that nothing reaches any more.

    It falls to what is reached without, and no deeper than where it was before.
    The term goes on.
    """
    ready = gathering.ready
    if not _is_known(gathering, standing, now):
        return standing
    values = {gathering.earning_value(each) for each in (standing.earned_time, now)}
    tier = max(ready.reached(max(values)), standing.base, key=ready.rank)
    if ready.rank(tier) >= ready.rank(standing.earned):
        return standing
    cause = StandingCause.REVERSED
    fallen = standing._replace(
        earned=tier, earned_time=now, cause=cause, update_time=now
    )
    if not ready.ends(tier):
        fallen = _with_term(gathering, fallen, now)
    return _shown(ready, fallen, now, cause)


def _is_known(gathering: Gathering, standing: Standing, now: int) -> bool:
    """Says whether what the tier was reached with has not been pruned."""
    ready, created = gathering.ready, gathering.created
    day = gathering.day_at(standing.earned_time)
    if ready.ladder.promote is Promotion.NEXT_PERIOD:
        day = gathering.last_period(day)
    member_create_time = start_of(ready, created)
    needed = first_needed_day(ready, standing, member_create_time, now)
    return period_days(ready, day, created).first >= needed


def _begin_term(
    gathering: Gathering,
    standing: Standing,
    tier: str,
    instant: int,
    cause: StandingCause,
) -> Standing:
    changed = standing._replace(
        earned=tier, earned_time=instant, base=tier, cause=cause, update_time=instant
    )
    return _shown(
        gathering.ready, _with_term(gathering, changed, instant), instant, cause
    )


def _with_term(gathering: Gathering, standing: Standing, start: int) -> Standing:
    ready = gathering.ready
    if not ready.ends(standing.earned):
        return standing._replace(until_time=NEVER, lose_time=NEVER)
    until = term_end(ready, gathering.day_at(start), gathering.created)
    return standing._replace(until_time=until, lose_time=grace_end(ready, until))


def _shown(
    ready: ReadyLadder, standing: Standing, instant: int, cause: StandingCause
) -> Standing:
    """Returns the standing in the higher one of its tiers."""
    tier = max(standing.earned, standing.floor, key=ready.rank)
    if tier == standing.tier:
        return standing
    return standing.in_tier(tier, instant, cause)


def _without_ended_floor(standing: Standing, instant: int) -> Standing:
    if not standing.floor or standing.floor_until_time > instant:
        return standing
    return standing._replace(
        floor=NO_TIER,
        floor_until_time=NEVER,
        cause=StandingCause.DEMOTED,
        update_time=instant,
    )
