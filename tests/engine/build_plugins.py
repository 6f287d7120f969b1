"""Helpers of engine tests about plugins: members to call them, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from points.engine.engine import Engine
from points.engine.jobs import Job
from points.store.opening import Store
from tests.domain.build import create_member, earn
from tests.engine.build import answers, carry_out, only_answer, result, submit
from tests.store.build import rows


MakeEngine = Callable[..., Engine]


def with_members(engine: Engine, *names: str) -> Engine:
    """Creates members with 100 points each."""
    for name in names or ("ada", "bob"):
        given = earn(member_id=name, request_id="r2", points=100)
        carry_out(engine, create_member(member_id=name), given)
    return engine


def called(engine: Engine, *calls: Any, **fields: bool) -> list[Any]:
    """Returns what calls came to, all in one job each, in one go."""
    futures: list[Future[Any]] = [Future() for _ in calls]
    jobs = [Job(commands=(engine.route(each),), **fields) for each in calls]
    engine.submit(list(zip(jobs, futures, strict=True)))
    return [result(answers(future)[0]) for future in futures]


def came_to(engine: Engine, command: Any) -> Any:
    """Returns what a command came to."""
    return result(only_answer(submit(engine, command)))


def documents(store: Store, collection: str = "stamps") -> dict[str, Any]:
    """Returns the documents of a collection by their owners."""
    query = f"SELECT owner, body FROM document WHERE collection = '{collection}'"
    return {owner: json.loads(body) for owner, body in rows(store, query)}


def all_documents(store: Store) -> list[tuple[Any, ...]]:
    """Returns collection, owner and body of all documents."""
    query = "SELECT collection, owner, body FROM document ORDER BY 1, 2"
    return [tuple(row) for row in rows(store, query)]
