"""TierService: where members stand, and where a document would put them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from points.domain.bounds import NEVER, UNIT_CHARACTERS_MAX
from points.domain.checks import name_problem, optional_name_problem
from points.domain.commands import SetStanding
from points.domain.ladders import Climber, Ladders
from points.domain.program import Program
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
from points.server.writes import Writes, revision_of
from points.store.reader import Snapshot
from points.store.standing_reads import FIRST
from points.v1 import standing_pb2
from points.v1 import tier_service_pb2 as pb


_CLIMBERS_AT_A_TIME = 500


class TierService:
    """Answers the calls of `points.v1.TierService`."""

    def __init__(self, writes: Writes, reads: Reads, engine: Engine) -> None:
        self._writes = writes
        self._reads = reads
        self._engine = engine

    @property
    def _program(self) -> Program:
        return self._engine.program

    async def get_standing(
        self, request: pb.GetStandingRequest
    ) -> pb.GetStandingResponse:
        """Tells where a member stands."""
        _check(
            member_id=name_problem(request.member_id),
            ladder=optional_name_problem(request.ladder, UNIT_CHARACTERS_MAX),
        )
        ladders = self._program.ladders
        names = _names(ladders, request.ladder)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetStandingResponse:
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
        ladders = self._program.ladders
        _names(ladders, request.ladder)
        for tier in request.tiers:
            if ladders and tier and ladders.tier(request.ladder, tier) is None:
                raise TierUnknown(request.ladder, tier)
        size = page_size_of(request)
        part, member_id = read_token(request, start=FIRST)

        def read(view: View) -> pb.ListStandingsResponse:
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
            standing=standing_message(change.standings[0], self._program.ladders),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def preview_tiers(
        self, request: pb.PreviewTiersRequest
    ) -> pb.PreviewTiersResponse:
        """Counts the members who would move."""
        before = self._program.ladders
        after = _ladders_in(request.document) if request.document else before

        def read(view: View) -> pb.PreviewTiersResponse:
            count = view.snapshot.member_count()
            is_new = bool(request.document)
            moves = _moves(view, before, after, count, is_new=is_new)
            return pb.PreviewTiersResponse(
                moves=[
                    pb.TierMove(
                        ladder=ladder, from_tier=old, to_tier=new, member_count=each
                    )
                    for (ladder, old, new), each in sorted(moves.items())
                ],
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


def _moves(
    view: View,
    before: Ladders | None,
    after: Ladders | None,
    member_count: int,
    *,
    is_new: bool,
) -> Counter[tuple[str, str, str]]:
    """Returns how many would move on which ladder from where to where."""
    moves: Counter[tuple[str, str, str]] = Counter()
    seen = 0
    for climber in _climbers(view.snapshot):
        seen += 1
        settled = _settled(before, climber, view.now) if is_new else climber
        old, new = _tiers(None, settled, view.now), _tiers(after, settled, view.now)
        if not is_new:
            new = {name: tier for name, tier in new.items() if name in old}
        moves.update((name, *tiers) for name, tiers in _both(old, new))
    old, new = _begun(before), _begun(after)
    for name, tiers in _both(old, new) if is_new else ():
        moves[name, *tiers] += member_count - seen
    return Counter({key: count for key, count in moves.items() if count})


def _climbers(snapshot: Snapshot) -> Iterator[Climber]:
    after: tuple[int, str] = FIRST
    while page := snapshot.climbers(after, _CLIMBERS_AT_A_TIME):
        yield from page
        after = (page[-1].member.part, page[-1].member.member_id)


def _settled(ladders: Ladders | None, climber: Climber, now: int) -> Climber:
    """Returns a member with all standings as they are now."""
    names = ladders.names if ladders else ()
    found = [ladders.standing(name, climber, now) for name in names if ladders]
    return climber._replace(standings=found)


def _tiers(ladders: Ladders | None, climber: Climber, now: int) -> dict[str, str]:
    """Returns the tier by ladder: as it is stored, or as ladders would have it."""
    if ladders is None:
        return {each.ladder: each.tier for each in climber.standings}
    found = (ladders.standing(name, climber, now) for name in ladders.names)
    return {each.ladder: each.tier for each in found}


def _begun(ladders: Ladders | None) -> dict[str, str]:
    return {name: ladders.begins(name) for name in ladders.names} if ladders else {}


def _both(
    old: dict[str, str], new: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yields the ladders on which the tiers differ, with both."""
    for name in sorted(old.keys() | new.keys()):
        pair = (old.get(name, ""), new.get(name, ""))
        if pair[0] != pair[1]:
            yield name, pair
