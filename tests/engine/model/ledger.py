"""The whole naive ledger: every command, once per request id, alone or together."""

from __future__ import annotations

from collections import Counter
from copy import copy, deepcopy
from typing import Any, Final

from points.domain.commands import (
    ActivateLot,
    Adjust,
    Burn,
    CancelLot,
    CaptureHold,
    ClaimAward,
    Command,
    CreateMember,
    Earn,
    EraseMember,
    ExtendLot,
    FreezeMember,
    FundBudget,
    MergeMembers,
    PlaceHold,
    RecordActivity,
    Reverse,
    SetLimits,
    SetPool,
    SetStanding,
    Transfer,
    UnfreezeMember,
    UpdateMember,
    VoidHold,
)
from tests.engine.model.people import People
from tests.engine.model.things import No, Outcome


METHODS: Final[dict[type[Command], Any]] = {
    Earn: People.earn,
    Burn: People.burn,
    Adjust: People.adjust,
    Transfer: People.transfer,
    PlaceHold: People.place_hold,
    CaptureHold: People.capture_hold,
    VoidHold: People.void_hold,
    ActivateLot: People.activate_lot,
    CancelLot: People.cancel_lot,
    ExtendLot: People.extend_lot,
    Reverse: People.reverse,
    CreateMember: People.create_member,
    UpdateMember: People.update_member,
    FreezeMember: People.freeze_member,
    UnfreezeMember: People.unfreeze_member,
    SetLimits: People.set_limits,
    MergeMembers: People.merge_members,
    EraseMember: People.erase_member,
    SetPool: People.set_pool,
    SetStanding: People.set_standing,
    RecordActivity: People.record_activity,
    ClaimAward: People.claim_award,
    FundBudget: People.fund_budget,
}


class Model(People):
    """Is a whole ledger at an instant."""

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self.outcomes: dict[tuple[str, str], tuple[Command, Outcome]] = {}

    def carry_out(self, command: Command) -> tuple[Outcome, bool]:
        """Carries a command out; returns its outcome, and whether it was known."""
        key = (command.member_id, command.request_id)
        if key in self.outcomes:
            first, outcome = self.outcomes[key]
            same = type(first) is type(command) and first == command
            return (outcome, True) if same else ("REQUEST_ID_REUSED", False)
        outcome = self._decided(command)
        if outcome != "INVALID_ARGUMENT":
            self.outcomes[key] = (command, outcome)
        return outcome, False

    def close(self, until: int) -> Outcome:
        """Closes the books; nothing may be dated back before `until` from then on."""
        if until > self.now:
            return "INVALID_ARGUMENT"
        if until <= self.books.closed:
            return "PERIOD_CLOSED"
        self.books.closed = until
        return ("CLOSE", until)

    def would(self, command: Command) -> tuple[Outcome, bool]:
        """Returns what `carry_out` would, and changes nothing."""
        return self._copy().carry_out(command)

    def carry_out_all(self, commands: list[Command]) -> list[Outcome]:
        """Carries out all commands or none; the guilty one keeps its refusal."""
        trial = self._copy()
        outcomes: list[Outcome] = []
        for index, command in enumerate(commands):
            outcome, _ = trial.carry_out(command)
            if isinstance(outcome, str):
                aborted: list[Outcome] = ["BATCH_ABORTED"] * len(commands)
                aborted[index] = outcome
                return aborted
            outcomes.append(outcome)
        self.__dict__.update(trial.__dict__)
        return outcomes

    def _decided(self, command: Command) -> Outcome:
        before = deepcopy(self.books)
        self.postings, self.last_deed = Counter(), None
        try:
            outcome: Outcome = METHODS[type(command)](self, command)
        except No as no:
            self.books = before
            return str(no)
        if self.last_deed is not None:
            key = (command.member_id, command.request_id)
            self.books.deeds[key] = self.last_deed
        if isinstance(command, EraseMember):
            self._forget(command.member_id)
        return outcome

    def _forget(self, member_id: str) -> None:
        """Forgets the attributes in all answers that had them."""
        for key, (command, outcome) in self.outcomes.items():
            if key[0] == member_id and outcome[0] == "MEMBER":
                shown: Outcome = (outcome[0], outcome[1], {}, outcome[3])
                self.outcomes[key] = (command, shown)

    def _copy(self) -> Model:
        trial = copy(self)
        trial.books, trial.outcomes = deepcopy(self.books), dict(self.outcomes)
        return trial
