"""Values to rows and back. A row is a tuple in the order of the table's columns.

Heads, accounts and counters are their own rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final, TypeAlias

from points.domain.counters import Counter
from points.domain.progress import Progress
from points.domain.values import (
    Account,
    Head,
    Hold,
    HoldState,
    Kind,
    Lot,
    Member,
    MemberState,
    Record,
    Reversal,
    TimeoutAction,
    Transaction,
)
from points.domain.versions import AppliedProgram
from points.store.texts.canonical import (
    read_draws,
    read_pairs,
    read_result,
    read_returned,
    read_units,
    write_draws,
    write_pairs,
    write_result,
    write_returned,
    write_units,
)
from points.store.texts.progress import read_progress, write_progress


Row: TypeAlias = tuple[Any, ...]

_OF_OWNER: Final = ("part", "member_id", "unit")
LOT_PLAIN: Final = tuple(
    name
    for name in Lot._fields
    if name not in Lot._field_defaults and name not in _OF_OWNER
)
"""Columns that tell most lots of a known (part, member_id, unit); the number first."""

LOT_RARE: Final = tuple(Lot._field_defaults)
"""The other columns of a lot: of most lots they are as they are by default."""

_DEFAULTS: Final = tuple(Lot._field_defaults.values())
_REPEATED: Final = tuple(map(repeat, _DEFAULTS))


def lot_row(lot: Lot) -> Row:
    """Returns the row of a lot."""
    return (*lot, int(lot.is_drawn))


def hold_row(hold: Hold) -> Row:
    """Returns the row of a hold."""
    part, number, member_id, unit, points, draws, *rest = hold
    return (
        part,
        number,
        member_id,
        unit,
        points,
        write_draws(draws),
        *map(_plain, rest),
    )


def member_row(member: Member) -> Row:
    """Returns the row of a member."""
    return (
        member.part,
        member.member_id,
        member.state.value,
        write_pairs(member.attributes),
        member.create_time,
        member.update_time,
        member.version,
        member.merged_into,
        member.pool,
        member.pools_into,
    )


def reversal_row(reversal: Reversal) -> Row:
    """Returns the row of a reversal."""
    *told, returned = reversal
    return (*told, write_returned(returned))


def progress_row(progress: Progress) -> Row:
    """Returns the row of a member's progress."""
    return progress.part, progress.member_id, write_progress(progress)


def progress_of(row: Sequence[Any]) -> Progress:
    """Returns the progress in a row."""
    part, member_id, body = row
    return read_progress(body, part=part, member_id=member_id)


def program_row(program: AppliedProgram) -> Row:
    """Returns the row of a version of the program."""
    *told, units, document = program
    return (*told, write_units(units), document)


def record_row(record: Record) -> Row:
    """Returns the row of a record, but for the chain, which is its last column."""
    result = record.result
    body, personal = write_result(result, salt=record.salt)
    is_transaction = isinstance(result, Transaction)
    reverses = result.reverses if isinstance(result, Transaction) else None
    return (
        record.part,
        record.number,
        record.member_id,
        record.request_id,
        record.kind.value,
        record.channel,
        int(is_transaction),
        record.fingerprint,
        record.effective_time,
        record.record_time,
        reverses.number if reverses else 0,
        record.program_version,
        body,
        personal,
    )


def head_of(row: Sequence[Any]) -> Head:
    """Returns the head in a row."""
    return Head(*row)


def member_of(row: Sequence[Any]) -> Member:
    """Returns the member in a row."""
    part, member_id, state, attributes, *rest = row
    return Member(part, member_id, MemberState(state), read_pairs(attributes), *rest)


def account_of(row: Sequence[Any]) -> Account:
    """Returns the account in a row."""
    return Account(*row)


def lot_of(row: Sequence[Any]) -> Lot:
    """Returns the lot in a row."""
    return Lot._make(row[:-1])


def lots_of(owner: Row, columns: Sequence[Sequence[Any]]) -> list[Lot]:
    """Returns the lots of a (part, member_id, unit), of which columns tell the rest.

    They are `LOT_PLAIN`, and a last one with the values of `LOT_RARE` of a lot, or
    nothing for one that has its defaults.
    """
    number, *plain, rare = columns
    part, member_id, unit = map(repeat, owner)
    told: Iterable[Row]
    if any(rare):
        behind = zip(*((each or _DEFAULTS) for each in rare), strict=True)
        told = zip(part, number, member_id, unit, *plain, *behind, strict=False)
    else:
        told = zip(part, number, member_id, unit, *plain, *_REPEATED, strict=False)
    # Past the constructor, and no row by itself: a burn may draw many lots.
    return list(map(tuple.__new__, repeat(Lot), told))


def hold_of(row: Sequence[Any]) -> Hold:
    """Returns the hold in a row."""
    hold = Hold(*row)
    return hold._replace(
        draws=read_draws(row[5]),
        state=HoldState(hold.state),
        on_timeout=TimeoutAction(hold.on_timeout),
        freeze_expiry=bool(hold.freeze_expiry),
    )


def reversal_of(row: Sequence[Any]) -> Reversal:
    """Returns the reversal in a row."""
    part, number, reversed_points, returned = row
    return Reversal(part, number, reversed_points, read_returned(returned))


def program_of(row: Sequence[Any]) -> AppliedProgram:
    """Returns the version of the program in a row."""
    program = AppliedProgram(*row)
    return program._replace(units=read_units(row[-2]))


def counter_of(row: Sequence[Any]) -> Counter:
    """Returns the counter in a row."""
    return Counter(*row)


def record_of(row: Sequence[Any]) -> Record:
    """Returns the record in a row."""
    part, number, member_id, request_id, kind, channel, _, fingerprint, *rest = row
    effective_time, record_time, _, program_version, body, personal, _ = rest
    result, salt = read_result(body, personal, part=part, member_id=member_id)
    return Record(
        part=part,
        number=number,
        member_id=member_id,
        request_id=request_id,
        kind=Kind(kind),
        channel=channel,
        fingerprint=fingerprint,
        effective_time=effective_time,
        record_time=record_time,
        result=result,
        salt=salt,
        program_version=program_version,
    )


def _plain(value: Any) -> Any:
    """Returns the value as both databases take it."""
    if isinstance(value, HoldState | TimeoutAction):
        return value.value
    return int(value) if isinstance(value, bool) else value
