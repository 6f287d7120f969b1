"""What members have done and where they stand, worked out from records alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from points.domain.progress import Move, Progress
from points.domain.scores import ScoreChange, score_moves, scores_of
from points.domain.standings import DemotionNotice, Standing, StandingChange
from points.domain.values import Record, Transaction


class StandingReplay:
    """Is the progress and the standings of the members of one part."""

    def __init__(self, part: int) -> None:
        self._part = part
        self.progress: dict[str, Progress] = {}
        self.standings: dict[tuple[str, str], Standing] = {}

    def add(self, record: Record) -> Iterator[str]:
        """Adds the next record and yields what is wrong with it."""
        match record.result:
            case StandingChange(standings):
                self._stand(record, standings)
            case ScoreChange(scores):
                before = self._progress(record)
                self._advance(record, tuple(score_moves(scores_of(before), scores)))
            case DemotionNotice() as notice:
                yield from self._announce(record, notice)
            case Transaction() as transaction:
                rests = {name: Fraction(rest) for name, rest in transaction.remainders}
                self._advance(record, transaction.moves, rests)
                self._stand(record, transaction.standings)

    def _progress(self, record: Record) -> Progress:
        name = record.member_id
        return self.progress.get(name) or Progress(self._part, name)

    def _advance(
        self,
        record: Record,
        moves: tuple[Move, ...],
        rests: dict[str, Fraction] | None = None,
    ) -> None:
        if moves or rests:
            after = self._progress(record).after(moves, rests or {}, record.record_time)
            self.progress[record.member_id] = after

    def _stand(self, record: Record, standings: Iterable[Standing]) -> None:
        for standing in standings:
            self.standings[record.member_id, standing.ladder] = standing

    def _announce(self, record: Record, notice: DemotionNotice) -> Iterator[str]:
        """Marks the standing whose end is announced, each end once."""
        key = (record.member_id, notice.ladder)
        standing = self.standings.get(key)
        if standing is None or standing.tier != notice.tier:
            yield f"record {record.number} announces the end of a tier of nobody"
            return
        if standing.noticed_time >= notice.lose_time:
            yield f"record {record.number} announces the end of a tier once more"
        if notice.lose_time not in (standing.lose_time, standing.floor_until_time):
            yield f"record {record.number} announces an end that a tier does not have"
        self.standings[key] = standing._replace(noticed_time=notice.lose_time)
