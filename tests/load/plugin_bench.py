"""Measures what plugins cost commands that they do not concern, or do little about.

uv run poe bench-plugins

Microseconds are the best of many short rounds, in one thread, in time of the processor:
whatever else runs on the machine spoils some of them, and not all. Ratios compare
rounds that take turns on the same engine's store.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from points.domain.commands import Earn
from points.domain.program import Program, program_of
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Job
from points.engine.plugins.plugins import Plugins
from points.engine.programs import Programs, cannot_compile
from points.engine.stock import Stock
from points.engine.workspace import Workspace
from points.plugin import Channel, Context, Flow, Manifest, Reaction, Recorded
from points.plugin.registry import NO_PLUGINS, Plugin, Registry
from points.store.opening import open_store
from tests.domain.build import create_member, record


ROUNDS: Final = 1_000
REPEATS: Final = 500
INSTALLED: Final = 10
INTERESTED: Final = 2
LOADED: Final = 5
COMPARED: Final = 30
JOBS: Final = 256
MEMBERS: Final = 64


def bystander(context: Context, recorded: Recorded) -> None:
    """Looks at what was recorded, and does nothing about it."""
    del context, recorded


def plugin(number: int, *kinds: str) -> Plugin:
    """Returns a plugin that reacts to records of these kinds."""
    name = f"p{number}"
    reaction = Reaction(name="look", kinds=frozenset(kinds), handler=bystander)
    return Plugin(
        manifest=Manifest(name=name, version="1.0", summary="Looks."),
        distribution=f"points-{name}",
        channels=(Channel(name=name, flows=frozenset(Flow)),),
        reactions=(reaction,),
    )


def registry_of(count: int, interested: int) -> Registry:
    """Returns so many plugins, of which some are interested in earns."""
    kinds = ("EARN" if number < interested else "MERGE" for number in range(count))
    return Registry(tuple(plugin(number, kind) for number, kind in enumerate(kinds)))


def dispatched(registry: Registry) -> Callable[[], object]:
    """Returns a call that does what a batch does of plugins for an earn."""
    program = _program()
    programs = Programs(program, cannot_compile)
    dispatch = Plugins(registry).dispatch(programs, program)
    workspace = Workspace(Stock(), now=1, part_count=64, program=program)
    workspace.records_since(0)
    workspace._new_records.append(record())  # noqa: SLF001 - as if it were just made

    def dispatch_one() -> None:
        if dispatch.reacts:
            dispatch.react(workspace, 0)
        if dispatch.transforms:
            raise AssertionError

    return dispatch_one


def microseconds(call: Callable[[], object]) -> float:
    """Returns what one call takes, in the best round."""
    return min(_round(call) for _ in range(ROUNDS))


def _round(call: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(REPEATS):
        call()
    return (time.process_time() - start) / REPEATS * 1e6


def earn_ratio() -> float:
    """Returns the speed of earns with plugins loaded, by that without any."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'points.db'}"
        plugins = Plugins()
        with (
            open_store(url, migrating=True) as store,
            running_engine(store, _program(), plugins=plugins) as engine,
        ):
            for number in range(MEMBERS):
                engine.execute(create_member(member_id=f"m{number}"))
            return _compared(engine, plugins)


def _compared(engine: Engine, plugins: Plugins) -> float:
    loaded, best = registry_of(LOADED, 0), dict[bool, float]()
    for number in range(COMPARED * 4):
        has_plugins = number % 4 in (1, 2)  # neither is always the first
        plugins.registry = loaded if has_plugins else NO_PLUGINS
        taken = _earned(engine, number)
        best[has_plugins] = min(taken, best.get(has_plugins, taken))
    return best[False] / best[True]


def _earned(engine: Engine, number: int) -> float:
    """Returns the processor's seconds for a batch of earns."""
    earns = [
        Earn(
            member_id=f"m{each % MEMBERS}",
            request_id=f"e{number}-{each}",
            unit="points",
            points=5,
            reason="purchase",
        )
        for each in range(JOBS)
    ]
    jobs: list[tuple[Job, Future[Any]]] = [
        (Job(commands=(engine.route(each),)), Future()) for each in earns
    ]
    start = time.process_time()
    engine.submit(jobs)
    for _, future in jobs:
        future.result()
    return time.process_time() - start


def _program() -> Program:
    return program_of(
        currency_units=("points",), growth_units=(), sinks=("redemption",)
    )


@click.command(help=__doc__)
def main() -> None:
    """Prints the figures."""
    none, some = registry_of(0, 0), registry_of(INSTALLED, INTERESTED)
    table = Table("what", "found", "asked", title="What plugins cost")
    for what, registry, asked in (
        ("us for an earn, no plugin", none, "0.2"),
        (f"us, {INSTALLED} plugins, {INTERESTED} interested", some, "5"),
    ):
        table.add_row(what, f"{microseconds(dispatched(registry)):.2f}", asked)
    table.add_row(f"Earn with {LOADED} plugins", f"{earn_ratio():.2f}", "0.97")
    Console().print(table)


if __name__ == "__main__":
    main()
