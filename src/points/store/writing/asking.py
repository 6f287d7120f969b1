"""What a batch asks of the database, by key: a statement for each kind of thing.

What is asked is waited for later: whoever asks for several things before that waits
once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeAlias, TypeVar

from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Sums
from points.domain.counters import Counter
from points.domain.documents import Document, DocumentRange
from points.domain.identity import Place
from points.domain.lots import DRAW_ORDER
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.values import (
    Account,
    Hold,
    Lot,
    Member,
    Record,
    Reversal,
    Transaction,
)
from points.domain.versions import PROGRAM_PART, AppliedProgram
from points.store import schema
from points.store.databases.backend import Backend, Keyed, Rows
from points.store.databases.session import Session
from points.store.reads.plugin_documents import collections_of, documents_by_range
from points.store.texts.claims import claim_of
from points.store.texts.rows import (
    Row,
    account_of,
    counter_of,
    hold_of,
    lot_of,
    lots_of,
    member_of,
    program_of,
    progress_of,
    record_of,
    reversal_of,
)
from points.store.texts.standings import standing_of
from points.store.writing.closing import closing_sums


Key = TypeVar("Key")
Value = TypeVar("Value")

Asked: TypeAlias = Callable[[], Value]
"""Waits for what was asked for, and returns it; to be called once."""

_MEMBERS: Final = Keyed(schema.member, ("part", "member_id"))
_ACCOUNTS: Final = Keyed(schema.account, ("part", "account", "unit"))
_LOTS: Final = Keyed(schema.lot, ("part", "number"))
_LOTS_FROM: Final = Keyed(
    schema.lot,
    ("part", "member_id", "is_drawn", "unit", "origin"),
    index="lot_draw_order",
)
_HOLDS: Final = Keyed(schema.hold, ("part", "number"))
_COUNTERS: Final = Keyed(schema.counter, ("part", "name", "start_time"))
_CLAIMS: Final = Keyed(schema.claim, ("part", "number", "position"))
_REVERSALS: Final = Keyed(schema.reversal, ("part", "number"))
_PROGRESS: Final = Keyed(schema.progress, ("part", "member_id"))
_STANDINGS: Final = Keyed(schema.standing, ("part", "member_id"))
_ACCOUNTS_OF: Final = Keyed(schema.account, ("part", "account"))
_RECORDS: Final = Keyed(schema.record, ("part", "number"))
_PROGRAMS: Final = Keyed(schema.program_version, ("part", "version"))
_ALL: Final = 2**31 - 1
_FIRST_TWO: Final = itemgetter(slice(2))
_FIRST_THREE: Final = itemgetter(slice(3))
_OUTCOME_KEY: Final = attrgetter("part", "member_id", "request_id")
_OUTCOMES: Final = Keyed(schema.record, ("part", "member_id", "request_id"))


class Asking:
    """Reads within one database transaction."""

    def __init__(self, backend: Backend, session: Session) -> None:
        self._backend = backend
        self._session = session

    def records(self, keys: Iterable[Row]) -> Asked[dict[Row, Record]]:
        """Asks what is recorded for each (part, member_id, request_id)."""
        return self._ask(_OUTCOMES, keys, record_of, _OUTCOME_KEY)

    def members(self, keys: Iterable[Row]) -> Asked[dict[Row, Member]]:
        """Asks for the members that exist among (part, member_id)."""
        return self._ask(_MEMBERS, keys, member_of, _FIRST_TWO)

    def accounts(self, keys: Iterable[Row]) -> Asked[dict[Row, Account]]:
        """Asks for the accounts that exist among (part, account, unit)."""
        return self._ask(_ACCOUNTS, keys, account_of, _FIRST_THREE)

    def accounts_of(self, keys: Iterable[Row]) -> Asked[dict[Row, Account]]:
        """Asks for the accounts of each (part, account), in all units."""
        return self._ask(_ACCOUNTS_OF, keys, account_of, _FIRST_THREE)

    def undrawn_lots(
        self, keys: Iterable[Row], *, limit: int
    ) -> Asked[dict[Place, Lot]]:
        """Asks for the first `limit` undrawn lots of each (part, member_id)."""
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_undrawn_lots(self._session, wanted, limit=limit)
        return _by_key(rows, lot_of, Lot.place)

    def open_holds(self, keys: Iterable[Row]) -> Asked[dict[Place, Hold]]:
        """Asks for the holds of each (part, member_id) that are open or unsettled."""
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_open_holds(self._session, wanted)
        return _by_key(rows, hold_of, Hold.place)

    def lots(self, places: Iterable[Place]) -> Asked[dict[Place, Lot]]:
        """Asks for the lots that exist among these places."""
        return self._ask(_LOTS, places, lot_of, Lot.place)

    def lots_from(self, origins: Iterable[Row]) -> list[Lot]:
        """Returns the lots that came of others: (part, member_id, unit, lot id).

        Looks through all lots of the member in the unit: for what is seldom asked.
        """
        wanted = list(origins)
        keys = [(*key[:2], drawn, *key[2:]) for key in wanted for drawn in (0, 1)]
        return list(self._ask(_LOTS_FROM, keys, lot_of, Lot.place)().values())

    def holds(self, places: Iterable[Place]) -> Asked[dict[Place, Hold]]:
        """Asks for the holds that exist among these places."""
        return self._ask(_HOLDS, places, hold_of, Hold.place)

    def lapsed_holds(
        self, keys: Iterable[Row], *, now: int
    ) -> Asked[dict[Row, tuple[Hold, ...]]]:
        """Asks for the holds of each (part, member_id, unit) that lapsed unsettled."""
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_lapsed_holds(self._session, wanted, now=now)
        return lambda: _lapsed_holds(wanted, rows())

    def expired_lots(
        self, keys: Iterable[Row], *, now: int
    ) -> Asked[dict[Row, tuple[Lot, ...]]]:
        """Asks what each (part, member_id, unit) has in lots that have expired."""
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_expired_lots(self._session, wanted, now=now)
        return lambda: _expired_lots(rows())

    def transactions(self, places: Iterable[Place]) -> Asked[dict[Place, Record]]:
        """Asks for the records of transactions that exist among these places."""
        found = self._ask(_RECORDS, places, record_of, Record.place)
        return lambda: {
            place: each
            for place, each in found().items()
            if isinstance(each.result, Transaction)
        }

    def reversals(self, places: Iterable[Place]) -> Asked[dict[Place, Reversal]]:
        """Asks what has been reversed of the transactions at these places."""
        return self._ask(_REVERSALS, places, reversal_of, _reversed_place)

    def progress(self, keys: Iterable[Row]) -> Asked[dict[Row, Progress]]:
        """Asks for the progress that there is among (part, member_id)."""
        return self._ask(_PROGRESS, keys, progress_of, _FIRST_TWO)

    def programs(self, versions: Iterable[int]) -> list[AppliedProgram]:
        """Returns the versions of the program that exist among these, in order."""
        keys = [(PROGRAM_PART, version) for version in versions]
        return sorted(self._ask(_PROGRAMS, keys, program_of, _FIRST_TWO)().values())

    def counters(self, keys: Iterable[Row]) -> Asked[dict[Row, Counter]]:
        """Asks for the counters that exist among (part, name, start_time)."""
        return self._ask(_COUNTERS, keys, counter_of, _FIRST_THREE)

    def open_claims(
        self, keys: Iterable[Row], *, now: int, limit: int
    ) -> Asked[dict[ClaimPlace, Claim]]:
        """Asks for the claims of each (part, member_id) that can be collected at `now`.

        And those that have lapsed and may give their budget something back; the first
        `limit` of each member.
        """
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_open_claims(
            self._session, wanted, now=now, limit=limit
        )
        return _by_key(rows, claim_of, Claim.place)

    def claims(self, places: Iterable[ClaimPlace]) -> Asked[dict[ClaimPlace, Claim]]:
        """Asks for the claims that exist among these places."""
        return self._ask(_CLAIMS, places, claim_of, Claim.place)

    def standings(self, keys: Iterable[Row]) -> Asked[dict[Row, Standing]]:
        """Asks for the standings of each (part, member_id), on all ladders."""
        return self._ask(_STANDINGS, keys, standing_of, _FIRST_THREE)

    def documents(
        self, ranges: Iterable[DocumentRange]
    ) -> Asked[dict[DocumentRange, list[Document]]]:
        """Asks for the documents of each range in the order of their keys."""
        wanted = list(ranges)
        if not wanted:
            return dict
        most = max(each.limit for each in wanted)
        spans = [each[:6] for each in wanted]
        rows = self._backend.ask_documents(self._session, spans, limit=most)
        return lambda: documents_by_range(wanted, rows())

    def documents_of(self, keys: Iterable[Row]) -> list[Document]:
        """Returns all documents of each owner (part, name), whatever plugin's.

        A statement for each, and one for all: members are erased seldom.
        """
        wanted = [
            DocumentRange(part, *kind, owner, limit=_ALL)
            for part, owner in keys
            for kind in collections_of(self._session, part)
        ]
        return [each for found in self.documents(wanted)().values() for each in found]

    def closing_sums(self, keys: Iterable[tuple[int, int]]) -> dict[Row, Sums]:
        """Returns what stood on the accounts of each (part, until_time).

        The parts are locked. A few statements for each: books are closed seldom.
        """
        return {key: closing_sums(self._session, *key) for key in keys}

    def open_lots(
        self, keys: Iterable[Row], *, now: int, limit: int
    ) -> Asked[dict[Row, list[Lot]]]:
        """Asks for the first `limit` usable lots of each (part, member_id, unit)."""
        wanted = list(keys)
        if not wanted:
            return dict
        rows = self._backend.ask_open_lots(self._session, wanted, now=now, limit=limit)
        return lambda: _open_lots(wanted, rows())

    def _ask(
        self,
        keyed: Keyed,
        keys: Iterable[Key],
        value_of: Callable[[Sequence[Any]], Value],
        key_of: Callable[[Value], Key],
    ) -> Asked[dict[Key, Value]]:
        wanted: list[Any] = list(keys)
        if not wanted:
            return dict
        return _by_key(
            self._backend.ask(self._session, keyed, wanted), value_of, key_of
        )


def _by_key(
    rows: Rows,
    value_of: Callable[[Sequence[Any]], Value],
    key_of: Callable[[Value], Key],
) -> Asked[dict[Key, Value]]:
    return lambda: {key_of(each): each for each in map(value_of, rows())}


def _lapsed_holds(
    wanted: Sequence[Row], rows: Iterable[Sequence[Any]]
) -> dict[Row, tuple[Hold, ...]]:
    found: dict[Row, tuple[Hold, ...]] = dict.fromkeys(wanted, ())
    for hold in sorted(map(hold_of, rows), key=lambda h: (h.lapse_time, h.number)):
        found[hold.part, hold.member_id, hold.unit] += (hold,)
    return found


def _expired_lots(rows: Iterable[Sequence[Any]]) -> dict[Row, tuple[Lot, ...]]:
    found: dict[Row, tuple[Lot, ...]] = {}
    for lot in map(lot_of, rows):
        key = (lot.part, lot.member_id, lot.unit)
        found[key] = (*found.get(key, ()), lot)
    return found


def _open_lots(
    wanted: Sequence[Row], found: Sequence[Sequence[Sequence[Any]]]
) -> dict[Row, list[Lot]]:
    lots = {key: lots_of(key, told) for key, told in zip(wanted, found, strict=True)}
    for run in lots.values():
        run.sort(key=DRAW_ORDER)
    return lots


def _reversed_place(reversal: Reversal) -> Place:
    return Place(reversal.part, reversal.number)
