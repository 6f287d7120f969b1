"""ListClaims and Claim."""

from __future__ import annotations

from typing import Final

from points.domain.bounds import NEVER
from points.domain.claims import Claim, ClaimState
from points.domain.commands import ClaimAward
from points.domain.identity import Place
from points.domain.refusals import InvalidArgument
from points.domain.values import Transaction
from points.server.instants import timestamp
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View, check_names
from points.server.writes import Writes, fill_answer
from points.v1 import claim_pb2 as pb


_STATES: Final = {
    ClaimState(name.removeprefix("STATE_")): number
    for name, number in pb.Claim.State.items()
    if number
}
_STATES_OF: Final = {
    pb.Claim.STATE_UNSPECIFIED: ClaimState.OPEN,
    **{number: state for state, number in _STATES.items()},
}


class ClaimMethods:
    """Answers the calls of `points.v1.ActivityService` about claims."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def list_claims(self, request: pb.ListClaimsRequest) -> pb.ListClaimsResponse:
        """Lists the claims of a member, the latest first."""
        check_names(member_id=request.member_id)
        size = page_size_of(request)
        if request.state not in _STATES_OF:
            raise InvalidArgument({"state": "must be a state that claims have"})
        state = _STATES_OF[request.state]
        number, position = read_token(request, start=(NEVER, 0))
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.ListClaimsResponse:
            view.existing_member(part, request.member_id)
            found = view.snapshot.claims(
                part,
                request.member_id,
                state=state,
                before=(number, position),
                now=view.now,
                limit=size + 1,
            )
            page = cut(found, size, lambda claim: claim_message(claim, view.now))
            return pb.ListClaimsResponse(
                claims=page.messages,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def claim(self, request: pb.ClaimRequest) -> pb.ClaimResponse:
        """Collects points that wait."""
        outcome = await self._writes.execute(
            claim_command(request), validate_only=request.validate_only
        )
        response = pb.ClaimResponse()
        fill_answer(response, outcome)
        result = outcome.record.result
        assert isinstance(result, Transaction)
        (claim,) = result.claims
        response.claim.CopyFrom(claim_message(claim, outcome.record.record_time))
        if request.validate_only:
            response.claim.ClearField("claim_transaction_id")
        return response


def claim_command(request: pb.ClaimRequest) -> ClaimAward:
    """Returns the command of a ClaimRequest; raises InvalidArgument."""
    return ClaimAward(
        member_id=request.member_id,
        request_id=request.request_id,
        claim_id=request.claim_id,
        reason=request.reason,
    )


def claim_message(claim: Claim, now: int) -> pb.Claim:
    """Returns a claim as it is at `now` as a message."""
    message = pb.Claim(
        claim_id=claim.place().claim_id(),
        member_id=claim.member_id,
        rule_id=claim.rule_id,
        unit=claim.unit,
        points=claim.points,
        state=_STATES[claim.state_at(now)],
        create_time=timestamp(claim.create_time),
        budget=claim.budget,
        transaction_id=Place(claim.part, claim.number).transaction_id(),
    )
    if claim.lapse_time != NEVER:
        message.lapse_time.CopyFrom(timestamp(claim.lapse_time))
    if claim.claim_record:
        collecting = Place(claim.part, claim.claim_record)
        message.claim_transaction_id = collecting.transaction_id()
    return message


def _token(request: pb.ListClaimsRequest, last: Claim | None) -> str:
    return "" if last is None else write_token(request, (last.number, last.position))
