"""Builders with defaults: a test names only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from points.domain.bounds import AT_ONCE, NEVER
from points.domain.commands import (
    ApplyProgram,
    Burn,
    CloseBooks,
    CreateMember,
    Earn,
    FreezeMember,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.identity import Place
from points.domain.program import Program, program_of
from points.domain.state import Stamp
from points.domain.values import (
    Account,
    Draw,
    Hold,
    HoldState,
    Kind,
    Lot,
    Member,
    MemberState,
    Posting,
    Record,
    TimeoutAction,
    Transaction,
)
from points.domain.versions import ProgramVersion
from tests.clock import NOON


PART: Final = 7

PROGRAM: Final[Program] = program_of(
    currency_units=("points", "miles"),
    growth_units=("qualifying_points",),
    sinks=("redemption", "donation"),
)

_EARN: Final = Earn(
    member_id="ada", request_id="r1", unit="points", points=100, reason="a purchase"
)
_BURN: Final = Burn(
    member_id="ada", request_id="r1", unit="points", points=100, reason="a reward"
)
_CREATE: Final = CreateMember(member_id="ada", request_id="r1")
_UPDATE: Final = UpdateMember(member_id="ada", request_id="r1", attributes={})
_FREEZE: Final = FreezeMember(member_id="ada", request_id="r1")
_UNFREEZE: Final = UnfreezeMember(member_id="ada", request_id="r1")
_CLOSE: Final = CloseBooks(
    request_id="r1", until_time=NOON, operator="olga", reason="2025"
)
_UNITS: Final = (("points", True), ("miles", True), ("qualifying_points", False))
_APPLY: Final = ApplyProgram(
    request_id="r1",
    digest="d1",
    document='{"program":"d1"}',
    units=_UNITS,
    operator="olga",
    reason="spring",
)
_VERSION: Final = ProgramVersion(
    version=1,
    digest="d1",
    effective_time=NOON,
    operator="olga",
    reason="spring",
    units=_UNITS,
)
_STAMP: Final = Stamp(part=PART, number=42, lot_number=9, now=NOON)
_MEMBER: Final = Member(
    part=PART,
    member_id="ada",
    state=MemberState.ACTIVE,
    attributes={},
    create_time=NOON - 1_000,
    update_time=NOON - 1_000,
    version=3,
)
_ACCOUNT: Final = Account(part=PART, account="member:ada", unit="points")
_LOT: Final = Lot(
    part=PART,
    number=1,
    member_id="ada",
    unit="points",
    points=100,
    remaining=100,
    earn_time=NOON - 1_000,
    activate_time=AT_ONCE,
    expire_time=NEVER,
    record_number=1,
)


_HOLD: Final = Hold(
    part=PART,
    number=1,
    member_id="ada",
    unit="points",
    points=30,
    draws=(Draw(Place(PART, 1), 30, NEVER),),
    captured_points=0,
    voided_points=0,
    state=HoldState.OPEN,
    place_time=NOON - 1_000,
    lapse_time=NEVER,
    update_time=NOON - 1_000,
    on_timeout=TimeoutAction.VOID,
    freeze_expiry=False,
    sink="redemption",
    reason="an order",
    record_number=2,
)


def earn(**fields: Any) -> Earn:
    """Returns an earn of 100 points by Ada."""
    return replace(_EARN, **fields)


def burn(**fields: Any) -> Burn:
    """Returns a burn of 100 points by Ada."""
    return replace(_BURN, **fields)


def create_member(**fields: Any) -> CreateMember:
    """Returns the creation of Ada."""
    return replace(_CREATE, **fields)


def update_member(**fields: Any) -> UpdateMember:
    """Returns a change of Ada that replaces all attributes by none."""
    return replace(_UPDATE, **fields)


def freeze_member(**fields: Any) -> FreezeMember:
    """Returns the freezing of Ada."""
    return replace(_FREEZE, **fields)


def unfreeze_member(**fields: Any) -> UnfreezeMember:
    """Returns the unfreezing of Ada."""
    return replace(_UNFREEZE, **fields)


def close_books(**fields: Any) -> CloseBooks:
    """Returns the close of all that happened before noon."""
    return replace(_CLOSE, **fields)


def apply_program(**fields: Any) -> ApplyProgram:
    """Returns the application of a program with the units of `PROGRAM`, from now on."""
    return replace(_APPLY, **fields)


def program_version(**fields: Any) -> ProgramVersion:
    """Returns the first version, in force since noon, with the units of `PROGRAM`."""
    return _VERSION._replace(**fields)


def stamp(**fields: Any) -> Stamp:
    """Returns a stamp at noon: record 42 and lot 9 are next."""
    return _STAMP._replace(**fields)


def member(**fields: Any) -> Member:
    """Returns Ada, active, in her third version."""
    return _MEMBER._replace(**fields)


def frozen_member() -> Member:
    """Returns Ada, frozen."""
    return member(state=MemberState.FROZEN)


def account(**fields: Any) -> Account:
    """Returns the account of Ada's points, with nothing in it."""
    return _ACCOUNT._replace(**fields)


def hold(**fields: Any) -> Hold:
    """Returns an open hold of 30 points of Ada from lot 1, without a timeout."""
    return _HOLD._replace(**fields)


def lot(**fields: Any) -> Lot:
    """Returns a lot of 100 points of Ada, all left; `remaining` follows `points`."""
    points = fields.get("points", _LOT.points)
    return _LOT._replace(**{"remaining": points, **fields})


def transaction(**fields: Any) -> Transaction:
    """Returns an earn of 100 points by Ada that made lot 1."""
    made = Transaction(
        postings=(Posting("issuance", "member:ada", "points", 100),),
        balance_after=100,
        reason="a purchase",
        metadata={},
        lots=(lot(),),
    )
    return made._replace(**fields)


def record(**fields: Any) -> Record:
    """Returns the record of that earn, the first of the part."""
    made = Record(
        part=PART,
        number=1,
        member_id="ada",
        request_id="r1",
        kind=Kind.EARN,
        channel="core",
        fingerprint="0" * 32,
        effective_time=NOON,
        record_time=NOON,
        result=transaction(),
    )
    return made._replace(**fields)


def burn_record(**fields: Any) -> Record:
    """Returns the record of a burn of 30 points from lot 1, the second of the part."""
    burned = transaction(
        postings=(Posting("member:ada", "burn:redemption", "points", 30),),
        balance_after=70,
        reason="a reward",
        draws=(Draw(Place(PART, 1), 30, NEVER),),
        lots=(),
    )
    return record(**{"number": 2, "kind": Kind.BURN, "result": burned, **fields})
