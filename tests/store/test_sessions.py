"""Transactions of the writer: what is undone, and what a connection keeps of it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from points.store.databases.session import Check, open_session
from points.store.errors import StoreRejected
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.domain.build import PART, member, record
from tests.store.build import changes, put, rows, statements


OFTEN = 8
"""Runs after which psycopg has prepared a statement."""


class Interrupted(Exception):  # noqa: N818 - says what a test does
    """Is raised in the midst of a batch."""


def member_count(store: Store) -> int:
    """Returns how many members are stored."""
    ((count,),) = rows(store, "SELECT count(*) FROM member")
    return int(count)


def _write(store: Store, check: Check) -> None:
    with open_batch(store.backend, check) as batch:
        batch.lock({PART}, wait=True)
        batch.write(changes([member(), record()]))


@pytest.mark.parametrize("place", range(5))
def test_whatever_is_raised_before_the_commit_leaves_nothing(
    store: Store, place: int
) -> None:
    asked = iter(range(9))

    def check() -> None:
        if next(asked) == place:
            raise Interrupted

    with pytest.raises(Interrupted):
        _write(store, check)

    assert member_count(store) == 0


def test_the_check_is_asked_before_each_statement_and_before_the_commit(
    store: Store,
) -> None:
    asked = []
    with statements(store.backend) as seen:
        _write(store, lambda: asked.append(len(seen)))

    assert asked == list(range(len(seen) + 1))


def test_a_row_that_cannot_be_stored_is_told_by_the_commit_at_the_latest(
    store: Store,
) -> None:
    put(store, record())

    with pytest.raises(StoreRejected), open_batch(store.backend) as batch:
        batch.write(changes([record(), member()]))

    assert member_count(store) == 0
    put(store, member())
    assert member_count(store) == 1


def test_what_is_undone_leaves_prepared_statements_as_they_are(
    distant_store: Store,
) -> None:
    for _ in range(OFTEN):
        _look_and_count(distant_store)
    before = _look_and_count(distant_store)
    with suppress(Interrupted), open_batch(distant_store.backend) as batch:
        batch.members([(PART, "ada")])()
        raise Interrupted

    assert _look_and_count(distant_store) == before > 0


def _look_and_count(store: Store) -> int:
    """Reads a member, and returns how many statements the connection has prepared."""
    with open_batch(store.backend) as batch:
        batch.members([(PART, "ada")])()
    with open_session(store.backend) as session:
        sql = "SELECT count(*) FROM pg_prepared_statements"
        return int(session.execute(sql, ()).fetchone()[0])
