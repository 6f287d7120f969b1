"""The books of all parts are closed together, with what stood on the accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from random import Random
from typing import Any, Final

import pytest

from points.domain.commands import CloseBooks, Command, Earn
from points.domain.program import Program
from points.domain.refusals import (
    BatchAborted,
    InvalidArgument,
    PeriodClosed,
    RequestIdReused,
)
from points.domain.values import BooksClose
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Answer, Job, Outcome, route_everywhere
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, close_books, create_member, earn
from tests.engine.build import answers, carry_out, result, results, submit
from tests.store.build import rows, run_sql


PARTS: Final = 3
MEMBERS: Final = ("ada", "bob", "eve")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Yields a store with few parts on each database."""
    with open_store(database_url, migrating=True, part_count=PARTS) as opened:
        yield opened


@pytest.fixture
def engine(store: Store, program: Program, clock: Clock) -> Iterator[Engine]:
    """Yields an engine on it, with its members created the day before noon."""
    clock.advance(-DAY)
    with running_engine(store, program, clock=clock) as running:
        for member_id in MEMBERS:
            running.execute(create_member(member_id=member_id))
        clock.advance(DAY)
        yield running


def closing(engine: Engine, command: CloseBooks, **fields: bool) -> Future[Any]:
    """Queues a close of all parts."""
    future: Future[Sequence[Answer]] = Future()
    routed = route_everywhere(command, engine.store.part_count)
    engine.submit([(Job(commands=routed, atomic=True, **fields), future)])
    return future


def close(engine: Engine, **fields: Any) -> Sequence[Answer]:
    """Closes the books of all parts."""
    return answers(closing(engine, close_books(**fields)))


def total(found: Sequence[Answer]) -> dict[tuple[str, str], int]:
    """Returns the closing trial balances of all parts together."""
    sums: Counter[tuple[str, str]] = Counter()
    for answer in found:
        made = result(answer)
        assert isinstance(made, BooksClose)
        for account, unit, points in made.lines:
            sums[account, unit] += points
    return dict(sums)


def closed_times(store: Store) -> list[int]:
    """Returns up to when the books of each part are closed."""
    return [time for (time,) in rows(store, "SELECT closed_time FROM head")]


def test_every_part_records_its_close(engine: Engine) -> None:
    found = close(engine)

    assert results(found) == [BooksClose] * PARTS
    assert closed_times(engine.store) == [NOON] * PARTS
    assert audit(engine.store.backend).findings == []


def test_nobody_is_a_member(engine: Engine) -> None:
    close(engine)

    assert rows(engine.store, "SELECT count(*) FROM member WHERE member_id = ''") == [
        (0,)
    ]


def test_a_period_has_what_happened_in_it_whenever_it_was_recorded(
    engine: Engine, clock: Clock
) -> None:
    engine.execute(earn(request_id="in time", points=50, effective_time=NOON - 1))
    clock.advance(HOUR)
    engine.execute(earn(request_id="late", points=7, effective_time=NOON - 1))
    engine.execute(earn(request_id="next period", points=1_000))
    engine.execute(burn(request_id="burn", points=3, effective_time=NOON - 1))
    engine.execute(burn(request_id="first instant", points=2, effective_time=NOON))

    assert total(close(engine)) == {
        ("issuance", "points"): -57,
        ("member", "points"): 54,
        ("burn:redemption", "points"): 3,
    }


def test_a_close_sees_what_was_decided_before_it_in_its_batch(
    store: Store, program: Program
) -> None:
    clock = Clock(NOON + HOUR)
    with running_engine(store, program, clock=clock) as engine:
        engine.execute(create_member())
        futures: list[Future[Any]] = [Future(), Future(), Future()]
        commands = [
            [earn(request_id="old", points=7, effective_time=NOON - 1)],
            [],
            [earn(request_id="too late", points=9, effective_time=NOON - 1)],
        ]
        jobs = [Job(commands=_routed(engine, some)) for some in commands]
        everywhere = route_everywhere(close_books(), PARTS)
        jobs[1] = Job(commands=everywhere, atomic=True)
        engine.submit(list(zip(jobs, futures, strict=True)))
        before, closed, after = map(answers, futures)

    assert total(closed) == {("issuance", "points"): -7, ("member", "points"): 7}
    assert type(result(before[0])).__name__ == "Transaction"
    assert isinstance(result(after[0]), PeriodClosed)
    assert audit(store.backend).findings == []


def _routed(engine: Engine, commands: list[Earn]) -> Any:
    return [
        routed
        for command in commands
        for routed in route_everywhere(command, PARTS)
        if routed.part == _part(engine, command)
    ]


def _part(engine: Engine, command: Command) -> int:
    ((part,),) = rows(
        engine.store,
        f"SELECT part FROM member WHERE member_id = '{command.member_id}'",
    )
    return int(part)


def test_random_books_close_to_what_verification_says(
    engine: Engine, clock: Clock
) -> None:
    random = Random(17)  # noqa: S311 - no secret
    for month in range(3):
        for number in range(40):
            make = random.choice([earn, earn, burn])
            happened = clock.now - random.randrange(DAY)
            submit(
                engine,
                make(
                    member_id=random.choice(MEMBERS),
                    request_id=f"{month}-{number}",
                    points=random.randint(1, 50),
                    unit=random.choice(["points", "miles"]),
                    effective_time=max(happened, closed_times(engine.store)[0]),
                ),
            )
            clock.advance(random.randrange(HOUR))
        until = clock.now - random.randrange(DAY // 2)
        found = close(engine, request_id=f"close {month}", until_time=until)
        assert results(found) == [BooksClose] * PARTS

    assert audit(engine.store.backend).findings == []


def test_a_close_reads_back_as_far_as_it_has_to(engine: Engine, clock: Clock) -> None:
    clock.advance(HOUR)
    earns = [earn(request_id=f"r{n}", points=1) for n in range(1_200)]
    old = earn(request_id="old", points=5, effective_time=NOON - 1)
    carry_out(engine, *earns[:600], old, *earns[600:])

    assert total(close(engine)) == {
        ("issuance", "points"): -5,
        ("member", "points"): 5,
    }


def test_the_same_close_is_done_once(engine: Engine) -> None:
    first = close(engine)

    again = close(engine)

    assert [answer._replace(replayed=True) for answer in _outcomes(first)] == again
    assert audit(engine.store.backend).counts.records == len(MEMBERS) + PARTS


def _outcomes(found: Sequence[Answer]) -> list[Outcome]:
    assert all(isinstance(answer, Outcome) for answer in found)
    return [answer for answer in found if isinstance(answer, Outcome)]


def test_the_same_request_id_with_another_instant_is_refused(engine: Engine) -> None:
    close(engine)

    found = close(engine, until_time=NOON - 1)

    assert results(found) == [RequestIdReused] + [BatchAborted] * (PARTS - 1)


@pytest.mark.parametrize(
    ("until_time", "refusal"), [(NOON, PeriodClosed), (NOON + 1, InvalidArgument)]
)
def test_a_refused_close_leaves_nothing_in_any_part(
    engine: Engine, until_time: int, refusal: type[Exception]
) -> None:
    close(engine)
    before = audit(engine.store.backend).counts.records

    found = close(engine, request_id="another", until_time=until_time)

    assert results(found) == [refusal] + [BatchAborted] * (PARTS - 1)
    assert audit(engine.store.backend).counts.records == before


def test_a_close_that_is_only_validated_leaves_the_books_open(engine: Engine) -> None:
    answers(closing(engine, close_books(), validate_only=True))

    assert closed_times(engine.store) == [0] * PARTS
    found = carry_out(engine, earn(request_id="late", effective_time=NOON - 1))
    assert type(result(found[0])).__name__ == "Transaction"


def test_the_refusal_of_what_was_dated_back_is_kept(
    engine: Engine, clock: Clock
) -> None:
    close(engine)
    clock.advance(HOUR)
    late = earn(request_id="late", effective_time=NOON - 1)

    first, again = (carry_out(engine, late)[0] for _ in range(2))

    assert isinstance(result(first), PeriodClosed)
    assert result(again) == result(first)


def test_time_never_goes_back_behind_a_close(engine: Engine, clock: Clock) -> None:
    close(engine)
    clock.advance(-DAY)

    (found,) = carry_out(engine, earn(request_id="by a slow clock"))

    assert isinstance(found, Outcome)
    assert found.record.record_time >= NOON


def test_a_forged_close_is_found(engine: Engine) -> None:
    engine.execute(earn(request_id="old", points=7, effective_time=NOON - 1))
    close(engine)
    run_sql(
        engine.store,
        "UPDATE record SET body = replace(body, ',7]', ',8]')"
        " WHERE kind = 'CLOSE_BOOKS'",
    )

    found = audit(engine.store.backend).findings

    assert any("closes the books with" in finding.message for finding in found)


def test_closes_are_listed_with_their_number_in_every_part(
    engine: Engine, clock: Clock
) -> None:
    close(engine)
    clock.advance(DAY)
    close(engine, request_id="second", until_time=NOON + 5)

    with open_snapshot(engine.store.backend) as snapshot:
        both = snapshot.closes(before=10**9, limit=10)
        first = snapshot.closes(before=both[0].record.number, limit=10)

    assert [one.record.request_id for one in both] == ["second", "r1"]
    assert first == both[1:]
    assert [sorted(one.numbers) for one in both] == [[*range(PARTS)]] * 2
    assert all(
        new > old
        for new, old in zip(
            both[0].numbers.values(), both[1].numbers.values(), strict=True
        )
    )
