"""Works claims out from the records alone: what verification compares."""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.claims import Claim, ClaimState
from points.domain.identity import ISSUANCE
from points.domain.values import Kind, Record, Transaction


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
        return
    for claim in transaction.claims:
        key = (claim.number, claim.position)
        if key in claims or claim.number != record.number:
            yield f"{where} makes claim {claim.place().claim_id()} once more"
        if (claim.state, claim.claim_record) != (ClaimState.OPEN, 0):
            yield f"{where} makes claim {claim.place().claim_id()} collected"
        claims[key] = claim
    waiting = [award for award in transaction.awards if award.claim_position]
    made = [(claim.position, claim.points) for claim in transaction.claims]
    if made != [(award.claim_position, award.points) for award in waiting]:
        yield f"{where} has other claims than its awards say"


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
