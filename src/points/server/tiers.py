"""TierService: where members stand, and where a document would put them."""

from __future__ import annotations

from collections.abc import Sequence

from points.domain.bounds import NEVER, UNIT_CHARACTERS_MAX
from points.domain.checks import name_problem, optional_name_problem
from points.domain.commands import SetStanding
from points.domain.ladders import Climber, Ladders
from points.domain.refusals import InvalidArgument, LadderUnknown, TierUnknown
from points.domain.standings import Standing, StandingChange
from points.engine.engine import Engine
from points.program.climbing import ladders_of
from points.program.loading.documents import load_document
from points.program.problems import DocumentWrong
from points.server.instants import instant
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View
from points.server.standing_messages import fill_outlook, standing_message
from points.server.tier_moves import tier_moves
from points.server.writes import Writes, revision_of
from points.store.reads.reader import Snapshot
from points.store.reads.standings import FIRST
from points.v1 import standing_pb2
from points.v1 import tier_service_pb2 as pb


class TierService:
    """Answers the calls of `points.v1.TierService`."""

    def __init__(self, writes: Writes, reads: Reads, engine: Engine) -> None:
        self._writes = writes
        self._reads = reads
        self._engine = engine

    async def get_standing(
        self, request: pb.GetStandingRequest
    ) -> pb.GetStandingResponse:
        """Tells where a member stands."""
        _check(
            member_id=name_problem(request.member_id),
            ladder=optional_name_problem(request.ladder, UNIT_CHARACTERS_MAX),
        )
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetStandingResponse:
            ladders = view.program.ladders
            names = _names(ladders, request.ladder)
            member = view.existing_member(part, request.member_id)
            climber = view.snapshot.climber(member)
            return pb.GetStandingResponse(
                standings=[
                    told(ladders, n, climber, view.now) for n in names if ladders
                ],
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def list_standings(
        self, request: pb.ListStandingsRequest
    ) -> pb.ListStandingsResponse:
        """Lists who stands on a ladder, part by part."""
        _check(ladder=name_problem(request.ladder, UNIT_CHARACTERS_MAX))
        size = page_size_of(request)
        part, member_id = read_token(request, start=FIRST)

        def read(view: View) -> pb.ListStandingsResponse:
            ladders = view.program.ladders
            _check_tiers(ladders, request)
            found = _listed(view, request, ladders, (part, member_id), size + 1)
            page = cut(found, size, lambda each: standing_message(each, ladders))
            return pb.ListStandingsResponse(
                standings=page.messages,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)

    async def set_standing(
        self, request: pb.SetStandingRequest
    ) -> pb.SetStandingResponse:
        """Puts a floor under a member, or takes it away."""
        outcome = await self._writes.execute(
            set_standing_command(request), validate_only=request.validate_only
        )
        change = outcome.record.result
        assert isinstance(change, StandingChange)
        return pb.SetStandingResponse(
            standing=standing_message(
                change.standings[0], self._engine.program.ladders
            ),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def preview_tiers(
        self, request: pb.PreviewTiersRequest
    ) -> pb.PreviewTiersResponse:
        """Counts the members who would move."""
        wanted = _ladders_in(request.document) if request.document else None

        def read(view: View) -> pb.PreviewTiersResponse:
            before = view.program.ladders
            after = wanted if request.document else before
            count = view.snapshot.member_count()
            is_new = bool(request.document)
            return pb.PreviewTiersResponse(
                moves=tier_moves(view, before, after, count, is_new=is_new),
                member_count=count,
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)


def set_standing_command(request: pb.SetStandingRequest) -> SetStanding:
    """Returns the command of a SetStandingRequest."""
    return SetStanding(
        member_id=request.member_id,
        request_id=request.request_id,
        ladder=request.ladder,
        tier=request.tier,
        until_time=instant(request, "until_time", absent=NEVER),
        operator=request.operator,
        reason=request.reason,
    )


def _check(**problems: str | None) -> None:
    violations = {field: what for field, what in problems.items() if what}
    if violations:
        raise InvalidArgument(violations)


def _names(ladders: Ladders | None, wanted: str) -> Sequence[str]:
    """Returns the ladders to tell; raises LadderUnknown."""
    names = ladders.names if ladders else ()
    if not wanted:
        return names
    if wanted not in names:
        raise LadderUnknown(wanted)
    return (wanted,)


def _check_tiers(ladders: Ladders | None, request: pb.ListStandingsRequest) -> None:
    """Raises LadderUnknown and TierUnknown."""
    _names(ladders, request.ladder)
    for tier in request.tiers:
        if ladders and tier and ladders.tier(request.ladder, tier) is None:
            raise TierUnknown(request.ladder, tier)


def told(
    ladders: Ladders, name: str, climber: Climber, now: int
) -> standing_pb2.Standing:
    """Returns where a member stands on a ladder, with all there is to say of it."""
    standing = ladders.standing(name, climber, now)
    message = standing_message(standing, ladders)
    fill_outlook(message, standing, ladders.outlook(standing, climber, now))
    return message


def _listed(
    view: View,
    request: pb.ListStandingsRequest,
    ladders: Ladders | None,
    after: tuple[int, str],
    limit: int,
) -> list[Standing]:
    """Returns the first standings behind a place that are in the tiers now."""
    found: list[Standing] = []
    while len(found) < limit:
        rows = view.snapshot.listed_standings(
            request.ladder, request.tiers, now=view.now, after=after, limit=limit
        )
        current = _current(view.snapshot, rows, ladders, view.now)
        tiers = request.tiers
        found += [each for each in current if not tiers or each.tier in tiers]
        if len(rows) < limit:
            break
        after = (rows[-1].part, rows[-1].member_id)
    return found[:limit]


def _current(
    snapshot: Snapshot, stored: Sequence[Standing], ladders: Ladders | None, now: int
) -> list[Standing]:
    """Returns the standings as they are now: those that are due are worked out."""
    due = [each[:2] for each in stored if each.is_due(now)]
    climbers = {each.member[:2]: each for each in snapshot.climbers_of(due)}
    return [
        ladders.standing(each.ladder, climbers[each[:2]], now)
        if ladders and each[:2] in climbers
        else each
        for each in stored
    ]


def _token(request: pb.ListStandingsRequest, last: Standing | None) -> str:
    return "" if last is None else write_token(request, (last.part, last.member_id))


def _ladders_in(document: str) -> Ladders | None:
    """Returns the ladders of a document; raises InvalidArgument with its problems."""
    try:
        return ladders_of(load_document(document))
    except DocumentWrong as wrong:
        told = "; ".join(str(each) for each in wrong.problems)
        raise InvalidArgument({"document": told}) from None
