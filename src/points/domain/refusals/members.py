"""Refusals on account of who the member is; all are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.refusals.base import Frozen


@dataclass(eq=False)
class MemberNotFound(Frozen):
    """There is no such member."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} does not exist"


@dataclass(eq=False)
class MemberExists(Frozen):
    """The member to create is there already."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} exists already"


@dataclass(eq=False)
class MemberFrozen(Frozen):
    """The member neither earns nor burns for now."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is frozen"


@dataclass(eq=False)
class MemberNotFrozen(Frozen):
    """There is nothing to unfreeze."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is not frozen"


@dataclass(eq=False)
class MemberMerged(Frozen):
    """The member was merged into another one and never changes again."""

    member_id: str
    merged_into: str
    template: ClassVar[str] = "member {member_id!r} was merged into {merged_into!r}"


@dataclass(eq=False)
class MemberErased(Frozen):
    """The personal data of the member were erased; it never changes again."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} was erased"


@dataclass(eq=False)
class MemberHasHolds(Frozen):
    """The member's open holds have to be captured or voided first."""

    member_id: str
    hold_count: int
    template: ClassVar[str] = "member {member_id!r} has {hold_count} open holds"


@dataclass(eq=False)
class SameMember(Frozen):
    """A transfer or merge needs two members."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is named twice"


@dataclass(eq=False)
class EtagMismatch(Frozen):
    """Somebody changed the member since the caller read it."""

    member_id: str
    etag: str
    current_etag: str
    template: ClassVar[str] = (
        "member {member_id!r} has etag {current_etag!r}, not {etag!r}: read it again"
    )
