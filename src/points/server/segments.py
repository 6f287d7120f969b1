"""SegmentService: which members the program means by a name."""

from __future__ import annotations

from points.domain.ladders import Climber
from points.domain.scores import ScoreChange, Scores, scores_of
from points.server.instants import timestamp
from points.server.reads import Reads, View, check_names
from points.v1 import scores_pb2
from points.v1 import segment_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency


class SegmentService:
    """Answers the calls of `points.v1.SegmentService`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def get_segments(
        self, request: pb.GetSegmentsRequest
    ) -> pb.GetSegmentsResponse:
        """Tells which segments a member is in."""
        check_names(member_id=request.member_id)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetSegmentsResponse:
            member = view.existing_member(part, request.member_id)
            climber = view.snapshot.climber(member)
            return pb.GetSegmentsResponse(
                segments=segments_of(view, climber),
                scores=shown_scores(view, climber),
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def list_segments(
        self, request: pb.ListSegmentsRequest
    ) -> pb.ListSegmentsResponse:
        """Lists the segments of the program."""
        del request

        def read(view: View) -> pb.ListSegmentsResponse:
            rules = view.program.rules
            found = rules.all_segments() if rules else ()
            return pb.ListSegmentsResponse(
                segments=[pb.Segment(**each._asdict()) for each in found]
            )

        return await self._reads.of_all(Consistency(), read)


def segments_of(view: View, climber: Climber) -> list[str]:
    """Returns the names of the segments that a member is in, sorted."""
    program = view.program
    if program.rules is None:
        return []
    ladders = program.ladders
    standings = [
        ladders.standing(name, climber, view.now)
        for name in (ladders.names if ladders else ())
        if ladders
    ]
    tiers = {each.ladder: each.tier for each in standings if each.tier}
    member, progress = climber.member, climber.progress
    found = program.rules.segments(member, progress, tiers, view.now)
    return [each.name for each in found if each.is_inside]


def scores_message(scores: Scores) -> scores_pb2.Scores:
    """Returns scores as a message."""
    return scores_pb2.Scores(**scores._asdict())


def fill_score_change(message: scores_pb2.ScoreChange, change: ScoreChange) -> None:
    """Writes a change of scores into an empty message."""
    message.scores.CopyFrom(scores_message(change.scores))
    message.until_time.CopyFrom(timestamp(change.until_time))


def shown_scores(view: View, climber: Climber) -> scores_pb2.Scores:
    """Returns the scores that are recorded, none if the program scores nobody."""
    if view.program.scoring is None:
        return scores_pb2.Scores()
    return scores_message(scores_of(climber.progress))
