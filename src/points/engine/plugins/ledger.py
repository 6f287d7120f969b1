"""The ledger as a call of a plugin changes it: by the core's own decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from points.domain.bounds import NEVER, UNSET
from points.domain.commands import (
    Burn,
    CaptureHold,
    Command,
    Earn,
    PlaceHold,
    Reads,
    Reverse,
    ShortfallPolicy,
    Transfer,
    VoidHold,
)
from points.domain.commands.base import NOTHING
from points.domain.identity import (
    ISSUANCE,
    held_account,
    member_account,
    transaction_id,
)
from points.domain.limits import bounds_of, earnable, read_usage
from points.domain.refusals import Refusal
from points.domain.state import LotsMissing
from points.domain.values import (
    Posting,
    ReasonCode,
    Record,
    TimeoutAction,
    Transaction,
)
from points.engine.plugins.flows import Flows
from points.engine.plugins.missing import look
from points.engine.plugins.work import Work
from points.engine.recording import settle_lapses
from points.plugin.channels import Flow
from points.plugin.context import Balance, Posted


class CommandLedger:
    """Is `points.plugin.Ledger` of a call under way."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._flows = Flows(work)

    def earn(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        reason: str = "",
        activate_time: int | None = None,
        expire_time: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Posted:
        """Adds points as a lot; activation and expiry are the unit's, if not given."""
        command = Earn(
            **self._points(points, unit, member_id, channel, reason),
            activate_time=UNSET if activate_time is None else activate_time,
            expire_time=NEVER if expire_time is None else expire_time,
            metadata=metadata or NOTHING,
        )
        return self._carry_out(command, Flow.EARN)

    def burn(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        sink: str = "",
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> Posted:
        """Takes points for good, into a sink: the channel's name, if none is given."""
        command = Burn(
            **self._points(points, unit, member_id, channel, reason),
            sink=sink or channel or self._work.channel,
            metadata=metadata or NOTHING,
        )
        return self._carry_out(command, Flow.BURN)

    def transfer(
        self,
        points: int,
        *,
        receiver: str,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        fee: int = 0,
        fee_account: str = "",
        reason: str = "",
    ) -> Posted:
        """Moves points to another member; the fee comes on top, to a house account."""
        command = Transfer(
            **self._points(points, unit, member_id, channel, reason),
            to_member_id=receiver,
            fee_points=fee,
            fee_account=fee_account,
        )
        return self._carry_out(command, Flow.BURN)

    def place_hold(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        sink: str = "",
        lapse_time: int | None = None,
        capture_on_timeout: bool = False,
        freeze_expiry: bool = False,
        reason: str = "",
    ) -> Posted:
        """Sets points aside; the answer names the hold."""
        action = TimeoutAction.CAPTURE if capture_on_timeout else TimeoutAction.VOID
        command = PlaceHold(
            **self._points(points, unit, member_id, channel, reason),
            sink=sink or channel or self._work.channel,
            lapse_time=NEVER if lapse_time is None else lapse_time,
            on_timeout=action,
            freeze_expiry=freeze_expiry,
        )
        return self._carry_out(command, Flow.HOLD)

    def capture_hold(
        self,
        hold_id: str,
        *,
        member_id: str = "",
        points: int = 0,
        sink: str = "",
        void_rest: bool = False,
        reason: str = "",
    ) -> Posted:
        """Burns points of a hold, all that is left of it for 0."""
        command = CaptureHold(
            **self._of(member_id),
            hold_id=hold_id,
            points=points,
            sink=sink,
            void_rest=void_rest,
            reason=reason,
            channel=self._work.channel,
        )
        return self._carry_out(command)

    def void_hold(
        self, hold_id: str, *, member_id: str = "", reason: str = ""
    ) -> Posted:
        """Gives what is left of a hold back to its lots."""
        command = VoidHold(
            **self._of(member_id),
            hold_id=hold_id,
            reason=reason,
            channel=self._work.channel,
        )
        return self._carry_out(command)

    def reverse(
        self,
        transaction_id: str,
        *,
        member_id: str = "",
        points: int = 0,
        reason: str = "",
    ) -> Posted:
        """Takes a transaction back, all of it for 0; a shortfall is left standing."""
        command = Reverse(
            **self._of(member_id),
            transaction_id=transaction_id,
            points=points,
            reason=reason or self._work.channel,
            reason_code=ReasonCode.CORRECTION,
            shortfall_policy=ShortfallPolicy.SHORTFALL,
            channel=self._work.channel,
        )
        return self._carry_out(command)

    def balance(self, unit: str = "points", *, member_id: str = "") -> Balance:
        """Returns what a member has now, this command's own changes included."""
        work = self._work
        work.check_open()
        work.program.unit(unit)
        name = member_id or member_of(work)
        accounts = (member_account(name), held_account(name))
        asks = Reads(accounts=tuple((each, unit) for each in accounts), lots_of=unit)
        routed = look(name, asks, work.part_count)
        work.check_read(routed)
        settle_lapses(work.workspace, work.program, routed)
        lots = work.workspace.open_lots(routed.part, name, unit)
        if not lots.complete:
            work.need(LotsMissing())
        mine, held = (
            work.workspace.account(routed.part, each, unit) for each in accounts
        )
        available = sum(lot.remaining for lot in lots.lots)
        return Balance(available, held.balance, mine.shortfall)

    def room(self, unit: str = "points", *, member_id: str = "") -> int | None:
        """Returns how many points a member could be given at once; None for any."""
        work = self._work
        work.check_open()
        work.program.unit(unit)
        name = member_id or member_of(work)
        own = member_account(name)
        routed = look(name, Reads(accounts=((own, unit),)), work.part_count)
        work.check_read(routed)
        account = work.workspace.account(routed.part, own, unit)
        if not account.limits:
            return None
        balance = self.balance(unit, member_id=name)
        expired = work.workspace.expired_points(routed.part, name, unit)
        return earnable(
            bounds_of(account.limits),
            read_usage(account.usage),
            owned=account.balance - expired + balance.held,
            now=work.workspace.now,
        )

    def _points(
        self, points: int, unit: str, member_id: str, channel: str, reason: str
    ) -> dict[str, Any]:
        """Returns the fields that all movements of points have."""
        name, fields = channel or self._work.channel, self._of(member_id)
        fields["unit"] = unit
        fields["points"] = points
        fields["reason"] = reason or name
        fields["channel"] = name
        return fields

    def _of(self, member_id: str) -> dict[str, Any]:
        number = self._work.command_count + 1
        name = member_id or member_of(self._work)
        return {"member_id": name, "request_id": self._work.request_id(number)}

    def _carry_out(self, command: Any, flow: Flow | None = None) -> Posted:
        _check_integers(command)
        if flow is Flow.EARN:
            command = self._work.awarded(command)
        record = self._flowing(command, flow) if flow else self._work.carry_out(command)
        found = record.result
        assert isinstance(found, Transaction)
        is_hold = found.hold is not None and flow is Flow.HOLD
        hold_id = found.hold.place().hold_id() if found.hold and is_hold else ""
        moved = command.points if flow else _moved(found)
        placed = transaction_id(record.part, record.number)
        return Posted(placed, moved, found.balance_after, hold_id)

    def _flowing(self, command: Any, flow: Flow) -> Record:
        """Has points flow through a channel; a refusal leaves nothing counted."""
        work = self._work
        channel = self._flows.check(command, flow)
        if not channel.caps:
            return work.carry_out(command)
        changed = work.changed
        documents, counters = dict(changed.documents), dict(changed.counters)
        try:
            self._flows.count(command, channel, flow)
            return work.carry_out(command)
        except Refusal:
            changed.documents, changed.counters = documents, counters
            raise


def member_of(work: Work) -> str:
    """Returns the member of the call; raises ValueError for a call of none."""
    if not work.member_id:
        raise ValueError("the call has no member: name one")
    return work.member_id


def _moved(transaction: Transaction) -> int:
    """Returns how many points were burned, or reversed; else, how many were given back.

    A capture may give back the rest besides, and a reversed burn may expire at once.
    """
    postings = transaction.postings
    outward = sum(each.points for each in postings if _is_outward(each))
    return outward or sum(each.points for each in postings)


def _is_outward(posting: Posting) -> bool:
    ends = (posting.source, posting.destination)
    return ISSUANCE in ends or any(name.startswith("burn:") for name in ends)


def _check_integers(command: Command) -> None:
    """Raises TypeError where points are no integers."""
    for name in ("points", "fee_points"):
        found = getattr(command, name, 0)
        if type(found) is not int:
            raise TypeError(f"{name} must be an int, not {type(found).__name__}")
