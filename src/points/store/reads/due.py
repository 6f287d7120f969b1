"""What the sweep looks for: lots, holds and standings to which time has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, literal_column, select, tuple_

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.claims import ClaimPlace
from points.domain.documents import Document
from points.domain.identity import Place
from points.store.databases.backend import Backend
from points.store.databases.translating import translated
from points.store.schema import claim, document, hold, lot, standing


class DueLot(NamedTuple):
    """Is a lot that has come to its expiry, or to the deadline of its wait.

    Or one whose expiry is to be announced.
    """

    expire_time: int
    part: int
    number: int
    member_id: str
    unit: str

    def place(self) -> Place:
        """Returns where the lot stands."""
        return Place(self.part, self.number)


class DueHold(NamedTuple):
    """Is a hold that has lapsed and has not been settled."""

    lapse_time: int
    part: int
    number: int
    member_id: str

    def place(self) -> Place:
        """Returns where the hold stands."""
        return Place(self.part, self.number)


class DueClaim(NamedTuple):
    """Is a claim whose time is over, and whose budget can get something back."""

    lapse_time: int
    part: int
    number: int
    position: int
    member_id: str

    def place(self) -> ClaimPlace:
        """Returns where the claim stands."""
        return ClaimPlace(self.part, self.number, self.position)


class DueStanding(NamedTuple):
    """Is a member with a standing that time has changed, or may have."""

    due_time: int
    part: int
    member_id: str


class DueDocument(NamedTuple):
    """Is a job of a plugin that waits, and whose time has come."""

    due_time: int
    part: int
    plugin: str
    collection: str
    owner: str
    key: str
    version: int
    body: str

    def document(self) -> Document:
        """Returns the document that it waits as."""
        return Document(*self[1:], due_time=self.due_time)


OF_DOCUMENTS: Final = (-1, 0, "", "", "", "")
"""Is the place before the first job of a plugin."""

OF_MEMBERS: Final = (-1, 0, "")
"""Is the place before the first member with a standing."""

OF_CLAIMS: Final = (-1, 0, 0, 0)
"""Is the place before the first claim."""

FROM_THE_START: Final = (-1, 0, 0)
"""Is the place before the first of everything that is due."""

# Literals, or the databases cannot tell that the index has all there is.
_NOW: Final = bindparam("now", type_=BigInteger)
_AFTER: Final = tuple_(
    bindparam("after_time", type_=BigInteger),
    bindparam("after_part", type_=BigInteger),
    bindparam("after_number", type_=BigInteger),
)
_LOT_ORDER: Final = (lot.c.expire_time, lot.c.part, lot.c.number)
_LOTS: Final = (
    select(*_LOT_ORDER, lot.c.member_id, lot.c.unit)
    .where(lot.c.is_drawn == literal_column("0"), lot.c.expire_time <= _NOW)
    .where(lot.c.expire_time < literal_column(str(NEVER)))
    .where(tuple_(*_LOT_ORDER) > _AFTER)
    .order_by(*_LOT_ORDER)
    .limit(bindparam("limit"))
)
_UNIT: Final = bindparam("unit", type_=Text)
_UNTIL: Final = bindparam("until", type_=BigInteger)
_UNNOTICED: Final = (
    select(*_LOT_ORDER, lot.c.member_id, lot.c.unit)
    .where(lot.c.unit == _UNIT, lot.c.is_drawn == literal_column("0"))
    .where(lot.c.noticed_time != lot.c.expire_time)
    .where(lot.c.expire_time <= literal_column(str(TIME_MAX)))
    .where(lot.c.expire_time > _NOW, lot.c.expire_time <= _UNTIL)
    .where(lot.c.activate_time <= _NOW)
    .where(tuple_(*_LOT_ORDER) > _AFTER)
    .order_by(*_LOT_ORDER)
    .limit(bindparam("limit"))
)
_CLAIM_ORDER: Final = (
    claim.c.lapse_time,
    claim.c.part,
    claim.c.number,
    claim.c.position,
)
_LAPSED_CLAIMS: Final = (
    select(*_CLAIM_ORDER, claim.c.member_id)
    .where(claim.c.state == literal_column("'OPEN'"))
    .where(claim.c.reserve != literal_column("''"))
    .where(claim.c.lapse_time <= _NOW, claim.c.reserve_end > _NOW)
    .where(
        tuple_(*_CLAIM_ORDER)
        > tuple_(*_AFTER, bindparam("after_position", type_=BigInteger))
    )
    .order_by(*_CLAIM_ORDER)
    .limit(bindparam("limit"))
)
_HOLD_ORDER: Final = (hold.c.lapse_time, hold.c.part, hold.c.number)
_HOLDS: Final = (
    select(*_HOLD_ORDER, hold.c.member_id)
    .where(hold.c.state == literal_column("'OPEN'"), hold.c.lapse_time <= _NOW)
    .where(tuple_(*_HOLD_ORDER) > _AFTER)
    .order_by(*_HOLD_ORDER)
    .limit(bindparam("limit"))
)


_NAME_AFTER: Final = tuple_(
    bindparam("after_time", type_=BigInteger),
    bindparam("after_part", type_=BigInteger),
    bindparam("after_number", type_=Text),
)
_STANDING_ORDER: Final = (
    standing.c.due_time,
    standing.c.part,
    standing.c.member_id,
)
_STANDINGS: Final = (
    select(*_STANDING_ORDER)
    .where(standing.c.due_time <= _NOW)
    .where(standing.c.due_time < literal_column(str(NEVER)))
    .where(tuple_(*_STANDING_ORDER) > _NAME_AFTER)
    .order_by(*_STANDING_ORDER)
    .limit(bindparam("limit"))
)


_DOCUMENT_ORDER: Final = (
    document.c.due_time,
    document.c.part,
    document.c.plugin,
    document.c.collection,
    document.c.owner,
    document.c.key,
)
_DOCUMENT_AFTER: Final = tuple_(
    bindparam("after_time", type_=BigInteger),
    bindparam("after_part", type_=BigInteger),
    *(
        bindparam(f"after_{name}", type_=Text)
        for name in ("plugin", "collection", "owner", "key")
    ),
)
_DOCUMENTS: Final = (
    select(*_DOCUMENT_ORDER, document.c.version, document.c.body)
    .where(document.c.due_time <= _NOW)
    .where(document.c.due_time < literal_column(str(NEVER)))
    .where(tuple_(*_DOCUMENT_ORDER) > _DOCUMENT_AFTER)
    .order_by(*_DOCUMENT_ORDER)
    .limit(bindparam("limit"))
)


def due_documents(
    backend: Backend, *, now: int, after: Sequence[Any], limit: int
) -> list[DueDocument]:
    """Returns the jobs of plugins that are due, behind a place.

    That is instant, part, plugin, collection, owner and key. The longest due first,
    at most `limit`; raises StoreLost.
    """
    names = ("time", "part", "plugin", "collection", "owner", "key")
    place = {f"after_{name}": each for name, each in zip(names, after, strict=True)}
    rows = _found(backend, _DOCUMENTS, {"now": now, "limit": limit, **place})
    return [DueDocument(*row) for row in rows]


def due_standings(
    backend: Backend, *, now: int, after: Sequence[Any], limit: int
) -> list[DueStanding]:
    """Returns the standings that are due, behind (due_time, part, member_id).

    The longest due first, at most `limit`; raises StoreLost.
    """
    rows = _rows(backend, _STANDINGS, now, after, limit)
    return [DueStanding(*row) for row in rows]


def due_lots(
    backend: Backend, *, now: int, after: Sequence[int], limit: int
) -> list[DueLot]:
    """Returns the lots that are due, behind (expire_time, part, number).

    The longest due first, at most `limit`; raises StoreLost.
    """
    return [DueLot(*row) for row in _rows(backend, _LOTS, now, after, limit)]


def due_notices(
    backend: Backend,
    *,
    unit: str,
    until: int,
    now: int,
    after: Sequence[int],
    limit: int,
) -> list[DueLot]:
    """Returns the lots of a unit that expire up to an instant and were not announced.

    Behind (expire_time, part, number), the first to expire first, at most `limit`;
    raises StoreLost.
    """
    more = {"unit": unit, "until": until}
    rows = _rows(backend, _UNNOTICED, now, after, limit, **more)
    return [DueLot(*row) for row in rows]


def due_holds(
    backend: Backend, *, now: int, after: Sequence[int], limit: int
) -> list[DueHold]:
    """Returns the holds that have lapsed, behind (lapse_time, part, number).

    The longest lapsed first, at most `limit`; raises StoreLost.
    """
    return [DueHold(*row) for row in _rows(backend, _HOLDS, now, after, limit)]


def due_claims(
    backend: Backend, *, now: int, after: Sequence[Any], limit: int
) -> list[DueClaim]:
    """Returns claims that have lapsed within the period of their budget.

    The longest lapsed first, at most `limit`; raises StoreLost.
    """
    names = ("after_time", "after_part", "after_number", "after_position")
    place = dict(zip(names, after, strict=True))
    found = _found(backend, _LAPSED_CLAIMS, {"now": now, "limit": limit, **place})
    return [DueClaim(*row) for row in found]


def _rows(
    backend: Backend,
    statement: Any,
    now: int,
    after: Sequence[Any],
    limit: int,
    **more: object,
) -> Sequence[Any]:
    names = ("after_time", "after_part", "after_number")
    place = dict(zip(names, after, strict=True))
    return _found(backend, statement, {"now": now, "limit": limit, **place, **more})


def _found(
    backend: Backend, statement: Any, values: dict[str, object]
) -> Sequence[Any]:
    with (
        translated(backend),
        backend.reading.connect() as connection,
        connection.begin(),
    ):
        return connection.execute(statement, values).fetchall()
