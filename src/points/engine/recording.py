"""How what was decided becomes records: of the command, of its sides, of lapses."""

from __future__ import annotations

from secrets import token_hex

from points.domain.commands import LapseHold
from points.domain.decisions import decide
from points.domain.identity import CORE_CHANNEL
from points.domain.personal import is_personal, salted
from points.domain.program import Program
from points.domain.refusals import LimitExceeded
from points.domain.state import Decision, Side, Stamp
from points.domain.values import Member, Record, Result, Transaction
from points.engine.jobs import Routed
from points.engine.workspace import Workspace


def settle_lapses(workspace: Workspace, program: Program, routed: Routed) -> None:
    """Records the lapses of holds before a command draws or addresses them.

    They are facts whatever becomes of the command. A sweep that submits the same
    lapse later is answered with its record.
    """
    if isinstance(routed.command, LapseHold):
        return
    for hold in workspace.lapsed_holds(routed):
        lapse = LapseHold.of(hold)
        stamp = workspace.stamp(hold.part)
        try:
            decision = decide(lapse, workspace, program, stamp)
        except LimitExceeded:
            continue  # A house account is full: the points stay where they are.
        settled = Routed(lapse, hold.part, lapse.fingerprint())
        record = recorded(settled, stamp, program, decision, decision.result)
        workspace.carry_out(record, decision)


def carry_out_side(workspace: Workspace, main: Record, side: Side) -> Record:
    """Records what a command does in another part, and returns that."""
    number = workspace.stamp(side.part).number
    record = main._replace(
        part=side.part,
        number=number,
        member_id=side.member_id,
        request_id=side.request_id,
        kind=side.kind,
        result=side.decision.result,
        salt=salt_of(side.decision.result),
    )
    workspace.carry_out(record, side.decision)
    return record


def recorded(
    routed: Routed,
    stamp: Stamp,
    program: Program,
    decision: Decision | None,
    result: Result,
    *,
    is_erased: bool = False,
) -> Record:
    """Returns the record of a command that was decided.

    Of a member who `is_erased` it keeps no salt, so that nobody can tell any more
    what of it was personal.
    """
    command, fingerprint, salt = routed.command, routed.fingerprint, ""
    if is_personal(command):
        salt = token_hex(16)
        fingerprint = salted(command, fingerprint, salt)
    if is_erased:
        salt = ""
    return Record(
        stamp.part,
        stamp.number,
        command.member_id,
        command.request_id,
        command.kind,
        decision.channel if decision else CORE_CHANNEL,
        fingerprint,
        decision.effective_time if decision else stamp.now,
        stamp.now,
        result,
        salt or salt_of(result),
        program.version,
    )


def salt_of(result: Result) -> str:
    """Returns what keeps personal data from being guessed by its digest."""
    if isinstance(result, Transaction):
        return token_hex(16) if result.metadata else ""
    is_personal = isinstance(result, Member) and result.attributes
    return token_hex(16) if is_personal else ""
