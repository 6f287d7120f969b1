"""Refusals on account of points, lots, holds and limits; all are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.refusals.base import Frozen


@dataclass(eq=False)
class UnitUnknown(Frozen):
    """The program has no such unit."""

    unit: str
    template: ClassVar[str] = "the program has no unit {unit!r}"


@dataclass(eq=False)
class UnitNotSpendable(Frozen):
    """The unit counts towards tiers and is never burned."""

    unit: str
    template: ClassVar[str] = "unit {unit!r} cannot be burned"


@dataclass(eq=False)
class SinkUnknown(Frozen):
    """The program has no such sink."""

    sink: str
    template: ClassVar[str] = "the program has no sink {sink!r}"


@dataclass(eq=False)
class PoolUnknown(Frozen):
    """The program has no such pool."""

    pool: str
    template: ClassVar[str] = "the program has no pool {pool!r}"


@dataclass(eq=False)
class LadderUnknown(Frozen):
    """The program has no such ladder."""

    ladder: str
    template: ClassVar[str] = "the program has no ladder {ladder!r}"


@dataclass(eq=False)
class TierUnknown(Frozen):
    """The ladder has no such tier."""

    ladder: str
    tier: str
    template: ClassVar[str] = "ladder {ladder!r} has no tier {tier!r}"


@dataclass(eq=False)
class InsufficientPoints(Frozen):
    """A burn needs more than the member has available."""

    member_id: str
    unit: str
    available: int
    points: int
    template: ClassVar[str] = (
        "member {member_id!r} has {available} {unit} available, {points} are needed"
    )


@dataclass(eq=False)
class LimitExceeded(Frozen):
    """A bound of an account would be passed."""

    account: str
    unit: str
    limit: int
    template: ClassVar[str] = (
        "account {account!r} would pass its limit of {limit} {unit}"
    )


@dataclass(eq=False)
class PeriodClosed(Frozen):
    """The fact happened in a period whose books are closed."""

    effective_time: str
    until_time: str
    template: ClassVar[str] = (
        "{effective_time} is too early: the books are closed until {until_time}"
    )


@dataclass(eq=False)
class LotNotFound(Frozen):
    """There is no such lot, or it is another member's."""

    lot_id: str
    template: ClassVar[str] = "lot {lot_id!r} does not exist"


@dataclass(eq=False)
class LotNotPending(Frozen):
    """The lot is usable already, or never will be."""

    lot_id: str
    state: str
    template: ClassVar[str] = "lot {lot_id!r} is {state}, not PENDING"


@dataclass(eq=False)
class LotExpired(Frozen):
    """The lot is over, so that it can no longer be extended."""

    lot_id: str
    state: str
    template: ClassVar[str] = "lot {lot_id!r} is {state} and cannot be extended"


@dataclass(eq=False)
class ExpiryNotLater(Frozen):
    """An extended lot would not expire later than it does."""

    lot_id: str
    expire_time: str
    current_expire_time: str
    template: ClassVar[str] = (
        "lot {lot_id!r} expires at {current_expire_time!r}:"
        " {expire_time!r} is not later"
    )


@dataclass(eq=False)
class VelocityExceeded(Frozen):
    """The member would do more within a window of time than it may."""

    member_id: str
    unit: str
    action: str
    window: str
    bound: str
    limit: int
    template: ClassVar[str] = (
        "member {member_id!r} would pass {limit} {bound}"
        " for {action} of {unit} within one {window}"
    )


@dataclass(eq=False)
class HoldNotFound(Frozen):
    """The member has no such hold."""

    hold_id: str
    template: ClassVar[str] = "hold {hold_id!r} does not exist"


@dataclass(eq=False)
class HoldNotOpen(Frozen):
    """The hold has come to its end."""

    hold_id: str
    state: str
    template: ClassVar[str] = "hold {hold_id!r} is {state}"


@dataclass(eq=False)
class HoldExceeded(Frozen):
    """A capture needs more than can be captured of the hold."""

    hold_id: str
    open_points: int
    points: int
    template: ClassVar[str] = (
        "{open_points} points of hold {hold_id!r} can be captured, {points} are needed"
    )


@dataclass(eq=False)
class ClaimNotFound(Frozen):
    """The member has no such claim."""

    claim_id: str
    template: ClassVar[str] = "claim {claim_id!r} does not exist"


@dataclass(eq=False)
class ClaimNotOpen(Frozen):
    """The claim was collected before, or its activity was reversed."""

    claim_id: str
    state: str
    template: ClassVar[str] = "claim {claim_id!r} is {state}"


@dataclass(eq=False)
class ClaimLapsed(Frozen):
    """The time in which the claim could be collected is over."""

    claim_id: str
    lapse_time: str
    template: ClassVar[str] = "claim {claim_id!r} lapsed at {lapse_time}"


@dataclass(eq=False)
class TransactionNotFound(Frozen):
    """There is no such transaction, or it is another member's."""

    transaction_id: str
    template: ClassVar[str] = "transaction {transaction_id!r} does not exist"


@dataclass(eq=False)
class AlreadyReversed(Frozen):
    """Fewer points of the transaction are left to reverse."""

    transaction_id: str
    reversible_points: int
    points: int
    template: ClassVar[str] = (
        "transaction {transaction_id!r} has {reversible_points} points left to"
        " reverse, {points} were asked for"
    )


@dataclass(eq=False)
class NotReversible(Frozen):
    """Transactions of this kind are never reversed, or not for this reason."""

    transaction_id: str
    kind: str
    reason_code: str
    template: ClassVar[str] = (
        "transaction {transaction_id!r} is a {kind}, which {reason_code} cannot reverse"
    )


@dataclass(eq=False)
class ProgramChanged(Frozen):
    """Another version of the program was applied since the caller looked."""

    expected_version: int
    version: int
    template: ClassVar[str] = (
        "the program is at version {version}, not {expected_version}"
    )


@dataclass(eq=False)
class UnitInUse(Frozen):
    """A program would take away a unit, or its kind, while there may be points."""

    unit: str
    template: ClassVar[str] = (
        "unit {unit!r} is in use, or may be by then: it must stay in the program,"
        " and of its kind"
    )


@dataclass(eq=False)
class BudgetExhausted(Frozen):
    """A budget has fewer points left than are to be paid or taken from it."""

    budget: str
    unit: str
    left: int
    points: int
    template: ClassVar[str] = (
        "budget {budget!r} has {left} {unit} left, {points} are needed"
    )


@dataclass(eq=False)
class BudgetUnknown(Frozen):
    """The program has no such budget."""

    budget: str
    template: ClassVar[str] = "the program has no budget {budget!r}"


@dataclass(eq=False)
class BudgetOfOtherForm(Frozen):
    """The budget pays from something else than what is meant."""

    budget: str
    form: str
    needed: str
    template: ClassVar[str] = "budget {budget!r} is {form}, not {needed}"
