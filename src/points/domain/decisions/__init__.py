"""Decides commands: `decide(command, state, program, stamp)` says what to do or raises.

Refusals are checked in a fixed order, which `tests/domain` holds as tables:
what the program lacks, what the member is, what the arguments mean now, and
last what the accounts allow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from points.domain.commands import (
    ActivateLot,
    Adjust,
    ApplyProgram,
    Burn,
    CancelLot,
    CaptureHold,
    ClaimAward,
    ClaimBatch,
    CloseBooks,
    Command,
    CreateMember,
    Earn,
    EraseMember,
    ExpireLots,
    ExtendLot,
    FreezeMember,
    FundBudget,
    GiveDemotionNotice,
    GiveNotice,
    LapseClaim,
    LapseHold,
    MeasureLiability,
    MergeMembers,
    PlaceHold,
    PurgePlugin,
    RecordActivity,
    ReportFigures,
    Reverse,
    ScoreMember,
    SetLimits,
    SetPool,
    SetStanding,
    SweepStandings,
    Transfer,
    UnfreezeMember,
    UpdateMember,
    VoidHold,
)
from points.domain.decisions.activity import decide_record_activity
from points.domain.decisions.adjust import decide_adjust
from points.domain.decisions.batch import decide_claim_batch
from points.domain.decisions.books import decide_close_books
from points.domain.decisions.budgets import (
    check_counters,
    decide_fund_budget,
    decide_measure_liability,
    decide_report_figures,
)
from points.domain.decisions.burn import decide_burn
from points.domain.decisions.claims import decide_claim_award, decide_lapse_claim
from points.domain.decisions.climbing import with_standings
from points.domain.decisions.earn import decide_earn
from points.domain.decisions.holds import (
    decide_capture_hold,
    decide_place_hold,
    decide_void_hold,
)
from points.domain.decisions.lapse import decide_lapse_hold
from points.domain.decisions.limits import decide_set_limits, within_limits
from points.domain.decisions.lots import (
    decide_activate_lot,
    decide_cancel_lot,
    decide_expire_lots,
    decide_extend_lot,
)
from points.domain.decisions.member import (
    decide_create_member,
    decide_freeze_member,
    decide_set_pool,
    decide_unfreeze_member,
    decide_update_member,
)
from points.domain.decisions.merge import decide_erase_member, decide_merge_members
from points.domain.decisions.notice import decide_give_notice
from points.domain.decisions.plugins import decide_purge_plugin
from points.domain.decisions.pooling import POOLED, with_pool
from points.domain.decisions.program import decide_apply_program
from points.domain.decisions.reversal import decide_reverse
from points.domain.decisions.scores import decide_score_member
from points.domain.decisions.sliding import with_lots_slid
from points.domain.decisions.standings import (
    decide_give_demotion_notice,
    decide_set_standing,
    decide_sweep_standings,
)
from points.domain.decisions.transfer import decide_transfer
from points.domain.program import Program
from points.domain.state import Decision, Stamp, State
from points.domain.values import Kind


_DECIDERS: Final[
    dict[type[Command], Callable[[Any, State, Program, Stamp], Decision]]
] = {
    Earn: decide_earn,
    RecordActivity: decide_record_activity,
    ClaimAward: decide_claim_award,
    LapseClaim: decide_lapse_claim,
    Burn: decide_burn,
    Transfer: decide_transfer,
    SetLimits: decide_set_limits,
    MergeMembers: decide_merge_members,
    EraseMember: decide_erase_member,
    PurgePlugin: decide_purge_plugin,
    Reverse: decide_reverse,
    Adjust: decide_adjust,
    CreateMember: decide_create_member,
    UpdateMember: decide_update_member,
    SetPool: decide_set_pool,
    FreezeMember: decide_freeze_member,
    UnfreezeMember: decide_unfreeze_member,
    CloseBooks: decide_close_books,
    ApplyProgram: decide_apply_program,
    ActivateLot: decide_activate_lot,
    CancelLot: decide_cancel_lot,
    ExtendLot: decide_extend_lot,
    ExpireLots: decide_expire_lots,
    GiveNotice: decide_give_notice,
    GiveDemotionNotice: decide_give_demotion_notice,
    PlaceHold: decide_place_hold,
    CaptureHold: decide_capture_hold,
    VoidHold: decide_void_hold,
    LapseHold: decide_lapse_hold,
    ClaimBatch: decide_claim_batch,
    FundBudget: decide_fund_budget,
    ReportFigures: decide_report_figures,
    MeasureLiability: decide_measure_liability,
    SetStanding: decide_set_standing,
    SweepStandings: decide_sweep_standings,
    ScoreMember: decide_score_member,
}


def decide(command: Command, state: State, program: Program, stamp: Stamp) -> Decision:
    """Returns what the command does; raises the Refusal that stands in its way."""
    decision = _DECIDERS[type(command)](command, state, program, stamp)
    if program.pools and command.kind in POOLED:
        decision = with_pool(command, decision, state, program, stamp)
    decision = within_limits(command, decision, state, stamp)
    if decision.counters:
        check_counters(decision, state)
    if program.ladders is not None or command.kind is Kind.REVERSE:
        decision = with_standings(command, decision, state, program, stamp)
    if not program.sliding_units:
        return decision
    return with_lots_slid(command, decision, state, program, stamp)
