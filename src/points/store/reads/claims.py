"""Claims beside the writer; those whose time is over have lapsed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
    tuple_,
)

from points.domain.claims import Claim, ClaimState
from points.store.reads.fetcher import Fetcher
from points.store.schema import claim
from points.store.texts.claims import claim_of


# Written out, for the index of open claims is a partial one.
_OPEN: Final = text("claim.state = 'OPEN'")
_DUE: Final = claim.c.lapse_time <= bindparam("now", type_=BigInteger)
_BEFORE: Final = tuple_(
    bindparam("number", type_=BigInteger), bindparam("position", type_=BigInteger)
)
_CLAIMS: Final = (
    select(claim)
    .where(
        claim.c.part == bindparam("part", type_=Integer),
        claim.c.member_id == bindparam("member_id", type_=Text),
        tuple_(claim.c.number, claim.c.position) < _BEFORE,
    )
    .order_by(claim.c.number.desc(), claim.c.position.desc())
    .limit(bindparam("limit"))
)
_ENDED: Final = (ClaimState.CLAIMED, ClaimState.REVERSED, ClaimState.MERGED)
_IN_STATE: Final[dict[ClaimState, ColumnElement[bool]]] = {
    ClaimState.OPEN: and_(_OPEN, ~_DUE),
    ClaimState.LAPSED: or_(and_(_OPEN, _DUE), claim.c.state == ClaimState.LAPSED.value),
    **{each: claim.c.state == each.value for each in _ENDED},
}


class ClaimReads(Fetcher):
    """Reads claims within one snapshot."""

    def claims(
        self,
        part: int,
        member_id: str,
        *,
        state: ClaimState,
        before: tuple[int, int],
        now: int,
        limit: int,
    ) -> list[Claim]:
        """Returns the claims of a member in a state at `now`, the latest first.

        Only those before a number and position.
        """
        number, position = before
        values = {"number": number, "position": position, "limit": limit}
        if state not in _ENDED:
            values["now"] = now
        statement = _CLAIMS.where(_IN_STATE[state])
        rows = self._all(statement, part=part, member_id=member_id, **values)
        return [claim_of(row) for row in rows]
