"""Burned points that count towards tiers, as far as a ladder says so.

They count on the day of the burn, and no more once it is reversed: what is credited
follows from what is still burned, so that many small reverses are one large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from points.domain.program import Program
from points.domain.progress import Move
from points.domain.state import Decision, State
from points.domain.values import Member, Posting, Transaction


def moves_of_burns(
    decision: Decision,
    transaction: Transaction,
    state: State,
    member: Member,
    program: Program,
) -> Iterator[Move]:
    """Yields what a burn moves towards tiers, or what its reverse takes back."""
    ladders = program.ladders
    if ladders is None or not ladders.burned_units:
        return
    if transaction.reverses is not None:
        yield from _moves_back(decision, transaction, state, member, program)
        return
    for unit, points in burned(transaction.postings):
        yield from ladders.moves_of_burn(
            decision.effective_time,
            unit,
            0,
            points,
            member_create_time=member.create_time,
        )


def burned(postings: Iterable[Posting]) -> list[tuple[str, int]]:
    """Returns the points that went to sinks, by unit, in order."""
    found: dict[str, int] = {}
    for _, destination, unit, points in postings:
        if destination.startswith("burn:"):
            found[unit] = found.get(unit, 0) + points
    return sorted(found.items())


def _moves_back(
    decision: Decision,
    transaction: Transaction,
    state: State,
    member: Member,
    program: Program,
) -> Iterator[Move]:
    """Yields what goes back on the day of the burn; nothing for what was no burn."""
    assert transaction.reverses is not None
    record, reversal = state.transaction(transaction.reverses), decision.reversal
    if record is None or reversal is None or program.ladders is None:
        return
    assert isinstance(record.result, Transaction)
    done = state.reversal(record.place()).reversed_points
    for unit, points in burned(record.result.postings):
        yield from program.ladders.moves_of_burn(
            record.effective_time,
            unit,
            points - done,
            points - reversal.reversed_points,
            member_create_time=member.create_time,
        )
