"""Works claims out from the records alone: what verification compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from points.domain.claims import Claim, ClaimState
from points.domain.identity import ISSUANCE
from points.domain.values import Kind, Record, Transaction


_ENDS: Final = {
    Kind.LAPSE_CLAIM: ClaimState.LAPSED,
    Kind.REVERSE: ClaimState.REVERSED,
    Kind.MERGE: ClaimState.MERGED,
}
"""What becomes of the open claims that records of these kinds tell."""


def add_claims(
    claims: dict[tuple[int, int], Claim],
    where: str,
    record: Record,
    transaction: Transaction,
) -> Iterator[str]:
    """Adds the claims of a transaction and yields what is wrong with them.

    `claims` are those of the part so far, by number and position.
    """
    if record.kind is Kind.CLAIM:
        yield from _collect(claims, where, record, transaction)
    elif record.kind in _ENDS:
        for claim in transaction.claims:
            yield from _end(claims, where, record, claim)
    else:
        yield from _make(claims, where, record, transaction)


def _make(
    claims: dict[tuple[int, int], Claim],
    where: str,
    record: Record,
    transaction: Transaction,
) -> Iterator[str]:
    for claim in transaction.claims:
        key = (claim.number, claim.position)
        if key in claims or claim.number != record.number:
            yield f"{where} makes claim {claim.place().claim_id()} once more"
        if (claim.state, claim.claim_record) != (ClaimState.OPEN, 0):
            yield f"{where} makes claim {claim.place().claim_id()} collected"
        claims[key] = claim
    if record.kind is Kind.MERGE_IN:
        return
    waiting = [award for award in transaction.awards if award.claim_position]
    made = [(claim.position, claim.points) for claim in transaction.claims]
    if made != [(award.claim_position, award.points) for award in waiting]:
        yield f"{where} has other claims than its awards say"


def _end(
    claims: dict[tuple[int, int], Claim], where: str, record: Record, claim: Claim
) -> Iterator[str]:
    """Keeps a claim that has ended, or whose points became fewer by a return."""
    key, end = (claim.number, claim.position), _ENDS[record.kind]
    before = claims.get(key)
    is_open = before is not None and before.state is ClaimState.OPEN
    if before is None or not is_open or before.member_id != record.member_id:
        yield f"{where} ends claim {claim.place().claim_id()}, which is not open"
    elif claim != before._replace(state=end) and not (
        record.kind is Kind.REVERSE
        and claim == before._replace(points=claim.points)
        and 0 < claim.points < before.points
    ):
        yield f"{where} ends claim {claim.place().claim_id()} otherwise than it may"
    elif end is ClaimState.LAPSED and before.lapse_time > record.record_time:
        yield f"{where} ends claim {claim.place().claim_id()} before its time"
    claims[key] = claim


def _collect(
    claims: dict[tuple[int, int], Claim],
    where: str,
    record: Record,
    transaction: Transaction,
) -> Iterator[str]:
    if len(transaction.claims) != 1:
        yield f"{where} collects {len(transaction.claims)} claims"
        return
    (claim,) = transaction.claims
    key = (claim.number, claim.position)
    before = claims.get(key)
    is_mine = before is not None and before.member_id == record.member_id
    if before is None or not is_mine or before.collected(record.number) != claim:
        yield f"{where} collects claim {claim.place().claim_id()}, which is another"
    elif before.state_at(record.record_time) is not ClaimState.OPEN:
        yield f"{where} collects claim {claim.place().claim_id()}, which is not open"
    minted = [p for p in transaction.postings if p.source == ISSUANCE]
    if sum(p.points for p in minted if p.unit == claim.unit) != claim.points:
        yield f"{where} mints other points than those of the claim"
    claims[key] = claim
