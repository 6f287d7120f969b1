"""Batches: whoever comes first with a request id has it."""

from __future__ import annotations

from points.domain.commands import ClaimBatch
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.state import Decision, Stamp, State
from points.domain.values import BatchClaim


def decide_claim_batch(
    command: ClaimBatch, _state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the claim; that the id is free, the engine has seen."""
    return Decision(
        result=BatchClaim(command.command_count),
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
    )
