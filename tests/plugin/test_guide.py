"""The guide of authors: its blocks are a plugin, which loads, works and is complete."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import points.plugin
from points.plugin import hooks
from points.plugin.host import Host
from points.testing.bench import Bench, running_bench
from tests.plugin.build import load_named
from tests.plugin.building import describe, generate


GUIDE: Final = (Path(points.plugin.__file__).parent / "GUIDE.md").read_text()
HOOKS: Final = sorted(
    name for name, hook in vars(hooks).items() if hasattr(hook, "points_spec")
)
SECTIONS: Final = dict(
    re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", GUIDE, re.MULTILINE | re.DOTALL)
)


def blocks(text: str, language: str) -> list[str]:
    """Returns the code of a text in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


TESTS: Final = blocks(GUIDE.partition("## Tests")[2], "python")[0]
TEST_NAMES: Final = re.findall(r"^def (test_\w+)", TESTS, re.MULTILINE)


@pytest.fixture(scope="module")
def stamps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Yields the host of the plugin that the guide builds."""
    site: Path = tmp_path_factory.mktemp("guide")
    package = site / "points_stamps"
    package.mkdir()
    (package / "__init__.py").touch()
    code = "\n".join(
        block for name in SECTIONS for block in blocks(SECTIONS[name], "python")
    )
    (package / "plugin.py").write_text(code)
    proto = site / "protos" / "stamps_service.proto"
    proto.parent.mkdir()
    proto.write_text(blocks(GUIDE, "proto")[0])
    generate(site, "stamps", proto)
    describe(site, "stamps", "points-stamps")
    sys.path.insert(0, str(site))
    try:
        yield load_named("stamps")
    finally:
        sys.path.remove(str(site))


@pytest.fixture
def bench(stamps: Host, tmp_path: Path, points_empty_file: Path) -> Iterator[Bench]:
    """Yields an engine with the plugin of the guide alone."""
    path = tmp_path / "points.db"
    shutil.copyfile(points_empty_file, path)
    with running_bench(Bench(f"sqlite:///{path}", stamps.registry)) as running:
        yield running


def test_the_guide_has_a_section_with_code_for_every_hook() -> None:
    described = [
        name
        for name, section in SECTIONS.items()
        if any(f"def {name}(" in block for block in blocks(section, "python"))
    ]

    assert sorted(described) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_the_index_of_the_guide_names_every_hook(name: str) -> None:
    assert f"[`{name}`](#{name})" in GUIDE


def test_the_plugin_of_the_guide_takes_part_with_every_hook(stamps: Host) -> None:
    (status,) = stamps.statuses

    assert status.takes_part, status.reason
    assert sorted(stamps.hooks["stamps"]) == HOOKS
    assert stamps.started() == stamps
    assert stamps.health("stamps") == ""
    assert stamps.stopping() == {}


@pytest.mark.parametrize("name", TEST_NAMES)
def test_the_tests_of_the_guide_hold(stamps: Host, bench: Bench, name: str) -> None:
    stamps.started()
    scope: dict[str, Any] = {}
    exec(TESTS, scope)  # noqa: S102 - the guide's own code
    test: Callable[[Bench], None] = scope[name]

    test(bench)


def test_the_guide_names_all_of_the_context() -> None:
    table = GUIDE.partition("## What you get")[2].partition("##")[0]
    named = set(re.findall(r"`ctx\.(\w+)", table))

    there = {name for name in vars(points.plugin.Context) if not name.startswith("_")}
    assert there - named == {"config_version"}
