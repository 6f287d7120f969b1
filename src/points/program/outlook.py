"""What a member's standing is going to be, and what would change that."""

from __future__ import annotations

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.calendar.zones import end_of_day, local_date
from points.domain.ladders import Outlook
from points.domain.qualifying import Qualified, day_of
from points.domain.standings import NO_TIER, DemotionNotice, Standing
from points.program.gathering import Gathering
from points.program.ladders import ReadyLadder, retain_of
from points.program.standing import evaluate
from points.program.tier_terms import is_whole, judged_from, period_days


def outlook(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    now: int,
) -> Outlook:
    """Returns where the standing leads to, which `evaluate` returned for `now`."""
    created = day_of(member_create_time, ready.zone)
    gathering = Gathering(ready, amounts, created)
    value = gathering.value_at(gathering.day_at(now))
    rank = ready.rank(standing.tier)
    upper = next((each for each in ready.earned if ready.rank(each.name) > rank), None)
    ends = (standing.lose_time, standing.due_time)
    time = next((each for each in ends if each != NEVER), now)
    projected = evaluate(ready, standing, amounts, member_create_time, time)
    return Outlook(
        value,
        upper.name if upper else NO_TIER,
        max(0, upper.threshold - value) if upper else 0,
        _to_stay(gathering, standing, now),
        projected.tier,
        time,
    )


def demotion(
    ready: ReadyLadder,
    standing: Standing,
    amounts: Qualified,
    member_create_time: int,
    now: int,
) -> DemotionNotice | None:
    """Returns the first loss of a tier that is near enough to be announced, or None.

    Each end is announced once. The standing is what `evaluate` returned for `now`.
    """
    until = notice_until(ready, now)
    ends = sorted({standing.lose_time, standing.floor_until_time})
    for end in ends:
        if not max(now, standing.noticed_time) < end <= min(until, TIME_MAX):
            continue
        after = evaluate(ready, standing, amounts, member_create_time, end).tier
        if ready.rank(after) < ready.rank(standing.tier):
            created = day_of(member_create_time, ready.zone)
            gathering = Gathering(ready, amounts, created)
            is_kept = end == standing.lose_time
            missing = _to_stay(gathering, standing, now) if is_kept else 0
            return DemotionNotice(ready.name, standing.tier, after, end, missing)
    return None


def notice_until(ready: ReadyLadder, now: int) -> int:
    """Returns up to which end of a tier members are told of it by now.

    Days count as members count them: the whole day that the notice period reaches
    from today. 0 for a ladder without one.
    """
    if ready.ladder.notice is None:
        return 0
    try:
        reached = ready.ladder.notice.after(local_date(now, ready.zone))
    except OverflowError:
        return NEVER
    return end_of_day(reached, ready.zone)


def _to_stay(gathering: Gathering, standing: Standing, now: int) -> int:
    """Returns what is missing for another term of what is earned."""
    tier = gathering.ready.tier(standing.earned)
    if tier is None or standing.until_time == NEVER:
        return 0
    retain = retain_of(tier)
    judged = gathering.judged_value(standing, max(now, standing.until_time))
    if judged >= retain:
        return 0
    return retain - _counting(gathering, standing, now)


def _counting(gathering: Gathering, standing: Standing, now: int) -> int:
    """Returns what more would be added to when the tier is judged."""
    ready, day = gathering.ready, gathering.day_at(now)
    if not is_whole(ready):
        return gathering.value_at(gathering.day_at(max(now, standing.until_time)))
    running = period_days(ready, day, gathering.created)
    last = gathering.day_at(standing.until_time - 1)
    counts = running.first >= judged_from(ready, standing.until_time)
    return gathering.value_at(day) if counts or running.holds(last) else 0
