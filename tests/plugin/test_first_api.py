"""A wheel that was built against plugin API 1.0 loads and works, for ever.

It implements every hook that there was, and uses the whole context. Never build it
anew: what breaks it breaks plugins of other people. (Its proto is described in code,
for stubs would end with a release of protobuf.)
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from points.plugin.host import Host, PluginState
from points.testing.bench import Bench, running_bench
from points.testing.conformance import Example, assert_conforms
from tests.plugin.build import load_named


WHEEL: Final = Path(__file__).parent / "wheels/points_engine_relic-1.0-py3-none-any.whl"
FIRST_HOOKS: Final = {
    "channels",
    "collections",
    "commands",
    "config_model",
    "health",
    "jobs",
    "manifest",
    "reactions",
    "reasons",
    "services",
    "started",
    "stopping",
    "subscribers",
    "transforms",
}


@pytest.fixture(scope="module")
def relic() -> Iterator[Host]:
    """Yields the host of the wheel, which Python imports as it is."""
    sys.path.insert(0, str(WHEEL))
    try:
        yield load_named("relic")
    finally:
        sys.path.remove(str(WHEEL))


@pytest.fixture
def messages(relic: Host) -> Any:
    """Returns the module with the plugin's messages."""
    assert relic
    return import_module("points_relic.messages")


@pytest.fixture
def bench(relic: Host, tmp_path: Path, points_empty_file: Path) -> Iterator[Bench]:
    """Yields an engine with the plugin of the wheel, and a member."""
    path = tmp_path / "points.db"
    shutil.copyfile(points_empty_file, path)
    started = relic.started()
    with running_bench(Bench(f"sqlite:///{path}", started.registry)) as running:
        running.member("alice")
        yield running


def count(bench: Bench, messages: Any, **of: str) -> int:
    """Returns what the query tells."""
    found: int = bench.call(messages.LookRequest(**of), "Look").count
    return found


def test_the_wheel_takes_part_with_every_hook_of_its_time(relic: Host) -> None:
    (status,) = relic.statuses

    assert status.state is PluginState.ENABLED, status.reason
    assert set(relic.hooks["relic"]) == FIRST_HOOKS
    assert relic.health("relic") == ""
    assert relic.stopping() == {}


def test_its_commands_and_queries_answer(bench: Bench, messages: Any) -> None:
    response = bench.call(messages.DustRequest(member_id="alice"))

    assert (response.count, response.points) == (1, 2)
    assert bench.available("alice") == 2
    assert count(bench, messages, member_id="alice") == 1


def test_its_objects_have_documents(bench: Bench, messages: Any) -> None:
    bench.call(messages.PolishRequest(relic_id="sword"))
    bench.call(messages.PolishRequest(relic_id="sword"))

    assert count(bench, messages, relic_id="sword") == 2


def test_its_settings_are_those_of_the_program(bench: Bench, messages: Any) -> None:
    bench.configure("relic", {"points": 9, "most": 1})
    bench.call(messages.DustRequest(member_id="alice"))

    with bench.refused("RELIC_CLEAN", member_id="alice", count="1"):
        bench.call(messages.DustRequest(member_id="alice"))


def test_its_job_runs(bench: Bench, messages: Any) -> None:
    bench.call(messages.DustRequest(member_id="alice"))

    bench.advance(minutes=1)

    assert count(bench, messages, member_id="alice") == 101


def test_its_reaction_and_transform_are_asked(bench: Bench, messages: Any) -> None:
    bench.earn("alice", 10, reason="relic please")
    bench.earn("alice", 10, reason="half")

    assert count(bench, messages, member_id="alice") == 7
    assert bench.available("alice") == 15


def test_its_subscriber_is_told(bench: Bench, messages: Any) -> None:
    bench.call(messages.DustRequest(member_id="alice"))

    bench.tell_subscribers()

    assert import_module("points_relic.plugin").TOLD == [{"count": "1"}]


def test_it_conforms(bench: Bench, messages: Any) -> None:
    assert_conforms(
        bench,
        "relic",
        [
            Example(messages.DustRequest(member_id="alice")),
            Example(messages.PolishRequest(relic_id="sword")),
            Example(messages.LookRequest(member_id="alice"), "Look"),
        ],
    )
