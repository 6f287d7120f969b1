"""Naive members: created, changed, frozen, bound, merged and erased."""

from __future__ import annotations

from points.domain.commands import (
    Command,
    CreateMember,
    EraseMember,
    MergeMembers,
    SetLimits,
    UpdateMember,
)
from tests.engine.model.climbing import LADDERS
from tests.engine.model.earning import Earning
from tests.engine.model.things import (
    UNITS,
    Deed,
    ModelLimits,
    ModelLot,
    ModelMember,
    ModelStanding,
    ModelVelocity,
    No,
    Outcome,
)


class People(Earning):
    """Changes members."""

    def create_member(self, command: CreateMember) -> Outcome:
        """Creates a member."""
        if command.member_id in self.books.members:
            raise No("MEMBER_EXISTS")
        made = ModelMember(attributes=dict(command.attributes))
        self.books.members[command.member_id] = made
        for ladder in LADDERS:
            key = (command.member_id, ladder)
            self.books.standings[key] = ModelStanding(since=self.now)
        return self.shown(made)

    def update_member(self, command: UpdateMember) -> Outcome:
        """Changes attributes."""
        found = self.known(command.member_id)
        if command.etag and command.etag != str(found.version):
            raise No("ETAG_MISMATCH")
        if command.keys is None:
            found.attributes = dict(command.attributes)
        for key in command.keys or ():
            found.attributes.pop(key, None)
            if key in command.attributes:
                found.attributes[key] = command.attributes[key]
        return self.changed(found)

    def freeze_member(self, command: Command) -> Outcome:
        """Freezes a member."""
        found = self.known(command.member_id)
        if found.state == "FROZEN":
            raise No("MEMBER_FROZEN")
        found.state = "FROZEN"
        return self.changed(found)

    def unfreeze_member(self, command: Command) -> Outcome:
        """Unfreezes a member."""
        found = self.known(command.member_id)
        if found.state != "FROZEN":
            raise No("MEMBER_NOT_FROZEN")
        found.state = "ACTIVE"
        return self.changed(found)

    def set_limits(self, command: SetLimits) -> Outcome:
        """Bounds a member; what was counted for a window stays counted."""
        self.check_unit(command.unit)
        self.known(command.member_id)
        key = (command.member_id, command.unit)
        before = self.books.limits.get(key, ModelLimits()).velocities
        limits = ModelLimits(command.floor, command.ceiling)
        for action, window, points_max, count_max in command.velocities:
            known = before.get((action, window))
            made = ModelVelocity(points_max, count_max, known.done if known else [])
            limits.velocities[action, window] = made
        self.books.limits[key] = limits
        self.books.touched.add(key)
        return ("LIMITS", command.floor, command.ceiling, command.velocities)

    def merge_members(self, command: MergeMembers) -> Outcome:
        """Moves everything of a member to another one."""
        who, to = command.member_id, command.into_member_id
        if who == to:
            raise No("SAME_MEMBER")
        source = self.active(who)
        self.active(to)
        if self.open_holds(who):
            raise No("MEMBER_HAS_HOLDS")
        lots = list(self.each(who))
        points = {u: sum(lot.left for lot in lots if lot.unit == u) for u in UNITS}
        debts = {unit: self.owed(who, unit) for unit in UNITS}
        drawn = [lot for lot in lots for _ in range(lot.left)]
        for unit in UNITS:
            self.move(f"member:{who}", "transit", unit, points[unit], who)
            self.move("transit", f"shortfall:{who}", unit, debts[unit], who)
        for lot in lots:
            self._carry_on(lot, self.add_lot(lot.copy(to, lot.left)))
            lot.left = 0
        deed = Deed("MERGE", who, "", claims=self.bring(who, to))
        outcome = self.done(deed, draws=drawn)
        for unit in UNITS:
            self.move("transit", f"member:{to}", unit, points[unit], to)
            self.move(f"shortfall:{to}", "transit", unit, debts[unit], to)
        self.join(who, to)
        source.state, source.merged_into = "MERGED", to
        source.version += 1
        return outcome

    def _carry_on(self, lot: ModelLot, copy: ModelLot) -> None:
        """Lets what a pool got of an earning be found where a merge has brought it."""
        for deed in self.books.deeds.values():
            if lot in deed.pool_lots:
                deed.pool_lots.append(copy)

    def erase_member(self, command: EraseMember) -> Outcome:
        """Forgets the attributes of a member."""
        found = self.books.members.get(command.member_id)
        if found is None:
            raise No("MEMBER_NOT_FOUND")
        if found.state == "ERASED":
            raise No("MEMBER_ERASED")
        if self.open_holds(command.member_id):
            raise No("MEMBER_HAS_HOLDS")
        found.state, found.attributes = "ERASED", {}
        found.version += 1
        return ("ERASURE", found.version)
