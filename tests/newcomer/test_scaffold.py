"""`points plugins new` makes a plugin that works: here without installers.

`poe newcomer` walks the same way with wheels, in a clean environment.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from points.cli.main import points as command_line
from points.plugin.host import Host
from points.testing.bench import Bench, running_bench
from points.testing.conformance import Example, assert_conforms
from points.testing.served import running_served
from tests.plugin.build import load_named
from tests.plugin.building import describe, generate


NAME = "ripple"


def new(*arguments: str) -> Any:
    """Runs `points plugins new`."""
    return CliRunner().invoke(command_line, ["plugins", "new", *arguments])


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yields the folder of a new plugin, from whose sources Python imports."""
    folder: Path = tmp_path_factory.mktemp("new") / NAME
    made = new(NAME, "--folder", str(folder))
    assert made.exit_code == 0, made.output
    site = folder / "src"
    proto = folder / f"protos/points/plugins/{NAME}/v1/{NAME}_service.proto"
    generate(site, NAME, proto)
    describe(site, NAME, f"points-engine-{NAME}")
    sys.path.insert(0, str(site))
    try:
        yield folder
    finally:
        sys.path.remove(str(site))


@pytest.fixture(scope="module")
def host(plugin: Path) -> Host:
    """Returns the host of the new plugin."""
    assert plugin
    return load_named(NAME)


@pytest.fixture(scope="module")
def messages(host: Host) -> Any:
    """Returns the module of the plugin's messages."""
    assert host
    return import_module(f"points_{NAME}.v1.{NAME}_service_pb2")


def test_a_new_plugin_takes_part(host: Host) -> None:
    (status,) = host.statuses

    assert status.takes_part, status.reason


def test_a_new_plugin_conforms(
    host: Host, messages: Any, tmp_path: Path, points_empty_file: Path
) -> None:
    path = tmp_path / "points.db"
    shutil.copyfile(points_empty_file, path)
    with running_bench(Bench(f"sqlite:///{path}", host.registry)) as bench:
        bench.member("alice")

        assert_conforms(
            bench,
            NAME,
            [
                Example(messages.CollectRequest(member_id="alice")),
                Example(messages.GetTallyRequest(member_id="alice")),
            ],
        )


def test_a_new_plugin_is_called_over_grpc(
    host: Host, messages: Any, tmp_path: Path
) -> None:
    stubs = import_module(f"points_{NAME}.v1.{NAME}_service_pb2_grpc")
    with running_served(f"sqlite:///{tmp_path}/points.db", host) as served:
        served.client.create_member("alice")
        stub = served.stub(stubs.RippleServiceStub)

        request = messages.CollectRequest(member_id="alice", request_id="once")
        response = stub.Collect(request, timeout=10)

    assert (response.points, response.count) == (5, 1)


def test_no_mark_of_the_template_is_left(plugin: Path) -> None:
    texts = [path.read_text() for path in plugin.rglob("*") if path.suffix == ".py"]

    assert len(texts) > 8
    assert not [text for text in texts if "{{" in text or "{%" in text]


@pytest.mark.parametrize("name", ["Wheel", "9lives", "", "core", "a-b", "x" * 33])
def test_a_name_that_no_plugin_can_have_is_refused(name: str) -> None:
    made = new(name)

    assert made.exit_code == 1
    assert "name" in made.output


def test_a_folder_that_is_not_empty_is_left_alone(plugin: Path) -> None:
    made = new("other", "--folder", str(plugin))

    assert made.exit_code == 1
    assert "is there already" in made.output
