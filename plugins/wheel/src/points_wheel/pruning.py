"""What is not kept for ever: spins beyond their retention, counts that are over.

A spin is removed once `keep_days` have gone by since it was made, since its seed was
revealed, and since its prizes could be taken. A seed that nobody ends is ended here,
`keep_days` after its commitment, or draws of it would pile up for ever. Until a spin
is removed VerifySpin proves it; the seeds themselves are kept for good, so that a
proof that somebody has kept can be checked against them at any time. The records of
the ledger keep every draw, too.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from points.plugin import Context, DocumentKey, Reads, Run
from points_wheel.documents import (
    GROUP,
    PLAYER,
    SEED,
    SPIN,
    Player,
    Shared,
    StoredSpin,
    seed_key,
    spin_key,
)
from points_wheel.reading import config_of
from points_wheel.seeds import closed, end_due, ended
from points_wheel.tallies import Tallies, still_counting
from points_wheel.windows import DAY, NEVER, WINDOW_MAX


PRUNE: Final = "prune"
"""The job that removes spins of a member."""

FORGET: Final = "forget"
"""The job that removes the counts of a group of devices."""

STEP: Final = 50
"""Most spins that are removed in one transaction."""


def due_to_prune(ctx: Context, player: Player) -> Player:
    """Returns the player with a look at old spins ahead, if they are not kept."""
    keep = _keep(ctx)
    if not keep or player.prune_time:
        return player
    return _looking(ctx, ctx.call.member_id, player, ctx.now + keep)


def _keep(ctx: Context) -> int:
    """Returns how long draws are kept, in microseconds; 0 for ever."""
    return (config_of(ctx).keep_days or 0) * DAY


def _looking(ctx: Context, member_id: str, player: Player, at: int) -> Player:
    after = replace(player, prune_time=at)
    first = player.pruned_count + 1
    ctx.schedule(PRUNE, at, owner=member_id, body={"first": first})
    return after


def prune_reads(run: Run) -> Reads:
    """Returns what a look reads: the spins that come next."""
    first = int(run.body.get("first", 1))
    numbers = range(first, first + STEP)
    keys = (DocumentKey(SPIN.name, run.owner, spin_key(number)) for number in numbers)
    return Reads(documents=tuple(keys))


def prune(ctx: Context, run: Run) -> None:
    """Removes spins beyond their retention, the first ones first; run as a job."""
    found, keep = ctx.state.get(PLAYER, run.owner), _keep(ctx)
    if found is None:  # the member was erased
        return
    player = replace(found, prune_time=0)
    if keep:
        player = _ended_in_time(ctx, run.owner, player, keep)
        player = _pruned(ctx, run.owner, player, keep)
    ctx.state.put(PLAYER, run.owner, player)


def _ended_in_time(ctx: Context, member_id: str, player: Player, keep: int) -> Player:
    """Returns the player with another seed, if the present one is due to end.

    A member who was merged away draws no more, and gets no other.
    """
    if player.seed is None or end_due(ctx, player, keep) > ctx.now:
        return player
    is_merged = ctx.member(member_id).state == "MERGED"
    return (closed if is_merged else ended)(ctx, member_id, player) or player


def _pruned(ctx: Context, member_id: str, player: Player, keep: int) -> Player:
    """Returns the player without a step of spins, and with the next look ahead."""
    first = player.pruned_count + 1
    for number in range(first, min(first + STEP, player.spin_count + 1)):
        until = _kept_until(ctx, member_id, player, number, keep)
        if until > ctx.now:
            return _looking(ctx, member_id, player, until)
        ctx.state.delete(SPIN, member_id, spin_key(number))
        player = replace(player, pruned_count=number)
    if player.pruned_count == player.spin_count:
        return player
    return _looking(ctx, member_id, player, ctx.now)


def _kept_until(
    ctx: Context, member_id: str, player: Player, number: int, keep: int
) -> int:
    """Returns until when a spin is kept: while its seed is in use, till that ends.

    A spin whose seed was never revealed could not be proved when it is.
    """
    spin = ctx.state.get(SPIN, member_id, spin_key(number))
    if spin is None:
        return 0
    if player.seed and player.seed.number == spin.seed_number:
        at = end_due(ctx, player, keep)
        return at if at > ctx.now else ctx.now + keep  # its key is missing
    seed = ctx.state.get(SEED, member_id, seed_key(spin.seed_number))
    end_time = seed.end_time if seed else 0
    return max(spin.spin_time, end_time, _deadline(spin)) + keep


def _deadline(spin: StoredSpin) -> int:
    """Returns when the last of its prizes can no longer be taken."""
    return max((draw.deadline_time for draw in spin.draws), default=0)


def put_group(ctx: Context, group_id: str, tallies: Tallies) -> None:
    """Keeps the counts of a group of devices as long as they count."""
    kept = still_counting(tallies, ctx.now)
    ctx.state.put(GROUP, group_id, Shared(tallies=kept))
    ends = [tally.start_time + WINDOW_MAX for tally in kept.values()]
    is_for_good = any(not tally.start_time for tally in kept.values())
    at = NEVER if is_for_good or not ends else max(ends)
    if at < NEVER:
        ctx.schedule(FORGET, at, owner=group_id)


def forget_reads(run: Run) -> Reads:
    """Returns what forgetting reads: the group."""
    return Reads(documents=(DocumentKey(GROUP.name, run.owner),))


def forget(ctx: Context, run: Run) -> None:
    """Removes the counts of a group that count no more; run as a job."""
    group = ctx.state.get(GROUP, run.owner)
    if group is not None and not still_counting(group.tallies, ctx.now):
        ctx.state.delete(GROUP, run.owner)
