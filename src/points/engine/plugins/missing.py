"""What a plugin asks for that was not read: it is decided again with that."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from points.domain.commands import Command, Reads, Reverse
from points.domain.commands.base import NO_READS
from points.domain.documents import DocumentRange
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.state import PoolKey
from points.domain.values import Kind, Transaction
from points.engine.halves import half_place
from points.engine.jobs import Routed
from points.engine.wanted import Wanted
from points.engine.workspace import Workspace


_BEHIND_LOTS_OF: Final = Reads._fields.index("lots_of") + 1
_NOTHING_BEHIND: Final = NO_READS[_BEHIND_LOTS_OF:]


class ReadsMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for what a command reads: the call is decided again once it was read."""

    def __init__(self, wanted: Routed) -> None:
        super().__init__(wanted)
        self.wanted = wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Command):
    """Asks for nothing but to read."""

    kind: ClassVar[Kind] = Kind.CALL
    request_id: str = ""
    asks: Reads = NO_READS

    def reads(self) -> Reads:
        """Returns what is asked for."""
        return self.asks


def look(member_id: str, asks: Reads, part_count: int) -> Routed:
    """Returns what reads something of a member."""
    command = Look(member_id=member_id, asks=asks)
    return Routed(command, part_of(member_id, part_count), "")


def look_at(*wanted: DocumentRange) -> Routed:
    """Returns what reads documents, of at least one range."""
    return Routed(Look(member_id=""), wanted[0].part, "", documents=wanted)


def look_at_members(keys: Iterable[PoolKey]) -> Routed:
    """Returns what reads members, and nothing else of them."""
    (part, name), *others = sorted(keys)
    more = tuple((*other, NO_READS) for other in others)
    return Routed(Look(member_id=name), part, "", others=more)


def check_read(workspace: Workspace, program: Program, routed: Routed) -> None:
    """Raises ReadsMissing unless all that a command reads is known.

    Be it that it was read for this batch, or that the batch itself has made it.
    Accounts above all: one that was not read looks like an empty one.
    """
    if _is_plainly_known(workspace, routed):
        return
    wanted = _followed(workspace, routed)
    if workspace.may_write(wanted.parts()):
        asked = Wanted.under(program)
        asked.add_command(wanted)
        if _is_known(workspace, asked):
            return
    raise ReadsMissing(wanted)


def _followed(workspace: Workspace, routed: Routed) -> Routed:
    """Returns what reads a command, and what it leads to by what is known now.

    That is spelled out, for a reader may find less: a hold that the call itself has
    placed, say, is gone again once the call is undone.
    """
    command = routed.command
    if not command.follows:
        return routed
    leads_to = command.follow(workspace, routed.part)
    if leads_to == NO_READS:
        return routed
    own = (routed.part, command.member_id, leads_to)
    return routed._replace(others=(*routed.others, own))


def check_half_read(
    workspace: Workspace, command: Reverse, check: Callable[[Routed], None]
) -> None:
    """Has `check` look at what a reverse takes from a pool, if it got it only now.

    What it got before is read like everything else that the reverse leads to.
    """
    place = half_place(command, workspace.transaction)
    record = None if place is None else workspace.transaction(place)
    if place is None or record is None or place in workspace.stock.transactions:
        return
    assert isinstance(record.result, Transaction)
    name = record.member_id
    reads = command.reads_of_half(record.result, name)
    check(look(name, reads, workspace.part_count))
    workspace.stock.halves[place, (record.part, name)] = reads


def is_member_known(workspace: Workspace, part: int, member_id: str) -> bool:
    """Says whether a member was read, whatever its tiers depend on."""
    read = workspace.stock.wanted
    assert read is not None
    return (part, member_id) in read.members and workspace.may_write((part,))


def is_climber_known(workspace: Workspace, part: int, member_id: str) -> bool:
    """Says whether a member was read, with all that its tiers depend on."""
    read, key = workspace.stock.wanted, (part, member_id)
    assert read is not None
    is_read = key in read.members and key in read.progress and key in read.standings
    return is_read and workspace.may_write((part,))


def _is_plainly_known(workspace: Workspace, routed: Routed) -> bool:
    """Says so early for most commands: they read accounts and lots of one member.

    Those that change a hold read what is known by the hold.
    """
    if routed.others or routed.documents:
        return False
    command, stock = routed.command, workspace.stock
    reads = command.reads()
    if command.follows:
        if reads.hold is None or reads.hold not in stock.holds:
            return False
        followed = command.follow(workspace, routed.part)
        if not all(lot in stock.lots for lot in followed.lots):
            return False
        reads = followed._replace(lots=())
    return _are_accounts_known(workspace, routed, reads)


def _are_accounts_known(workspace: Workspace, routed: Routed, reads: Reads) -> bool:
    """Says whether a member's accounts and lots are known, and nothing else is read."""
    part, name, stock = routed.part, routed.command.member_id, workspace.stock
    read = stock.wanted
    assert read is not None
    if reads[_BEHIND_LOTS_OF:] != _NOTHING_BEHIND or (part, name) not in read.members:
        return False
    for account, unit in reads.accounts:
        key = (part, account, unit)
        if key not in read.accounts and key not in stock.accounts:
            return False
        if unit in read.sliding_units and (part, name, unit) not in stock.open_lots:
            return False
        if unit in read.counted_units and not is_climber_known(workspace, part, name):
            return False
    drawn = reads.lots_of
    are_lots_known = drawn is None or (part, name, drawn) in stock.open_lots
    return are_lots_known and workspace.may_write((part,))


def _is_known(workspace: Workspace, asked: Wanted) -> bool:
    stock = workspace.stock
    read = stock.wanted
    assert read is not None
    return (
        asked.members.keys() <= read.members.keys()
        and _all_in(asked.accounts, read.accounts, stock.accounts)
        and asked.lots_of.keys() <= stock.open_lots.keys()
        and _all_in(asked.lots, read.lots, stock.lots)
        and _all_in(asked.holds, read.holds, stock.holds)
        and asked.progress.keys() <= read.progress.keys()
        and asked.standings.keys() <= read.standings.keys()
        and all(
            place in read.transactions or workspace.transaction(place)
            for place in asked.transactions
        )
        and _all_in(asked.claims, read.claims, stock.claims)
        and _is_rare_known(asked, read)
    )


def _is_rare_known(asked: Wanted, read: Wanted) -> bool:
    return (
        asked.bounded.keys() <= read.bounded.keys()
        and asked.names.keys() <= read.names.keys()
        and asked.open_holds_of.keys() <= read.open_holds_of.keys()
        and asked.undrawn_lots_of.keys() <= read.undrawn_lots_of.keys()
        and asked.open_claims_of.keys() <= read.open_claims_of.keys()
        and asked.books.keys() <= read.books.keys()
        and asked.documents_of.keys() <= read.documents_of.keys()
    )


def _all_in(asked: Iterable[Any], read: Container[Any], made: Container[Any]) -> bool:
    return all(key in read or key in made for key in asked)
