"""Members are scored beside the writer, and told to it where scores have changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from secrets import token_hex

from points.domain.commands import Command, ScoreMember
from points.domain.identity import RESERVED_PREFIX
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.scores import NO_SCORES, Scores, scores_among, scores_of
from points.store.databases.backend import Backend
from points.store.reads.deeds import FIRST, deeds_of_members, progress_behind
from points.store.reads.fetcher import ROWS_AT_A_TIME


def score_commands(
    backend: Backend, program: Program, now: int
) -> Iterator[list[Command]]:
    """Yields pages of commands for those whose scores have changed.

    Who was not active in the span that is scored loses the scores. What all active
    members have done is held meanwhile, some 300 bytes each: they are compared with
    each other, and only a second look at all their records would spare that. Raises
    StoreLost.
    """
    if program.scoring is None or program.rules is None:
        return
    worth, until_time = program.rules.money, program.scoring.span(now)[1]
    left = scores_among(deeds_of_members(backend, program.scoring, worth, now=now))
    for page in _all_progress(backend):
        found = {each.member_id: left.pop(each.member_id, NO_SCORES) for each in page}
        changed = [each for each in page if scores_of(each) != found[each.member_id]]
        names = [each.member_id for each in changed]
        yield [_command(name, found[name], until_time) for name in names]
    rest = iter(left.items())
    while named := list(islice(rest, ROWS_AT_A_TIME)):
        yield [_command(name, scores, until_time) for name, scores in named]


def _all_progress(backend: Backend) -> Iterator[list[Progress]]:
    after = FIRST
    while page := progress_behind(backend, after, ROWS_AT_A_TIME):
        yield page
        after = (page[-1].part, page[-1].member_id)


def _command(member_id: str, scores: Scores, until_time: int) -> Command:
    return ScoreMember(
        member_id=member_id,
        request_id=f"{RESERVED_PREFIX}scores/{token_hex(12)}",
        scores=scores,
        until_time=until_time,
    )
