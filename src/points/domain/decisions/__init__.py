"""Decides commands: `decide(command, state, program, stamp)` says what to do or raises.

Refusals are checked in a fixed order, which `tests/domain` holds as tables:
what the program lacks, what the member is, what the arguments mean now, and
last what the accounts allow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from points.domain.commands import (
    Adjust,
    Burn,
    Command,
    CreateMember,
    Earn,
    FreezeMember,
    Reverse,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.decisions.adjust import decide_adjust
from points.domain.decisions.burn import decide_burn
from points.domain.decisions.earn import decide_earn
from points.domain.decisions.member import (
    decide_create_member,
    decide_freeze_member,
    decide_unfreeze_member,
    decide_update_member,
)
from points.domain.decisions.reversal import decide_reverse
from points.domain.program import Program
from points.domain.state import Decision, Stamp, State


_DECIDERS: Final[
    dict[type[Command], Callable[[Any, State, Program, Stamp], Decision]]
] = {
    Earn: decide_earn,
    Burn: decide_burn,
    Reverse: decide_reverse,
    Adjust: decide_adjust,
    CreateMember: decide_create_member,
    UpdateMember: decide_update_member,
    FreezeMember: decide_freeze_member,
    UnfreezeMember: decide_unfreeze_member,
}


def decide(command: Command, state: State, program: Program, stamp: Stamp) -> Decision:
    """Returns what the command does; raises the Refusal that stands in its way."""
    return _DECIDERS[type(command)](command, state, program, stamp)
