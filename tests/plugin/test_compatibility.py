"""A plugin that cannot run here is INCOMPATIBLE, and none of its code has run."""

from __future__ import annotations

from pathlib import Path

import pytest

from points.plugin.host import PluginState
from tests.plugin.build import install, load, manifest


BOMB = "raise AssertionError('was imported')"


def refused(site: Path, code: str = BOMB, **metadata: object) -> str:
    """Returns why a plugin is incompatible."""
    install(site, "hello", code, **metadata)  # type: ignore[arg-type] # by name
    (status,) = load().statuses
    assert status.state is PluginState.INCOMPATIBLE
    return status.reason


def test_a_distribution_that_is_not_installed_is_needed(site: Path) -> None:
    why = refused(site, needs=("points-of-no-return>=2",))

    assert why == "it needs points-of-no-return>=2, which is not installed"


def test_another_version_is_needed(site: Path) -> None:
    why = refused(site, needs=("pluggy<1",))

    assert why.startswith("it needs pluggy<1, here is 1.")


def test_a_requirement_that_is_met_is_no_obstacle(site: Path) -> None:
    needs = ("pluggy>=1", "nothing-at-all; extra == 'x'", "odd; python_version < '3'")
    install(site, "hello", manifest("hello"), needs=needs)

    assert [status.state.value for status in load().statuses] == ["ENABLED"]


def test_a_requirement_that_cannot_be_read_is_named(site: Path) -> None:
    assert refused(site, needs=("=oh=",)) == "its requirement '=oh=' cannot be read"


@pytest.mark.parametrize("api", ["2.0", "1.1", "0.9"])
def test_another_plugin_api_is_known_by_its_keyword(site: Path, api: str) -> None:
    why = refused(site, keywords=f"games,points-plugin-api-{api}")

    assert why == f"it is written for plugin API {api}, this server has 1.0"


def test_a_keyword_that_is_no_version_is_named(site: Path) -> None:
    why = refused(site, keywords="points-plugin-api-next")

    assert why == "it names the plugin API 'next', which is no version such as 1.0"


def test_the_api_of_the_manifest_counts_too(site: Path) -> None:
    code = """
        @hookimpl
        def manifest():
            return Manifest(name="hello", version="1", summary="Hi.", api="3.1")
        """

    why = refused(site, code)

    assert why == "it is written for plugin API 3.1, this server has 1.0"


def test_the_keyword_of_this_api_is_no_obstacle(site: Path) -> None:
    install(site, "hello", manifest("hello"), keywords="points-plugin-api-1.0")

    assert [status.state.value for status in load().statuses] == ["ENABLED"]


def test_a_plugin_that_is_not_allowed_is_not_imported(site: Path) -> None:
    install(site, "hello", BOMB)
    install(site, "other", manifest("other"))

    hello, other = load(allowed=["other"]).statuses

    assert hello.state is PluginState.DISABLED
    assert hello.reason == "it is not among the allowed plugins"
    assert other.state is PluginState.ENABLED
