"""The host lists every installed plugin, with the reason of those that fail."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from points.plugin import Manifest, hookimpl
from points.plugin.host import Host, PluginState, PluginStatus, load_plugins
from tests.plugin.build import install, load, manifest, reason


def names(host: Host) -> list[str]:
    """Returns the names of the plugins that take part."""
    return [plugin.name for plugin in host.plugins]


def test_nothing_is_installed() -> None:
    host = load()

    assert host.statuses == ()
    assert names(host) == []


def test_an_installed_plugin_takes_part(site: Path) -> None:
    install(site, "hello", manifest("hello", version="2.5"))

    host = load()

    assert host.statuses == (
        PluginStatus(
            name="hello",
            distribution="points-hello",
            state=PluginState.ENABLED,
            version="2.5",
            summary="Says hello.",
        ),
    )
    assert names(host) == ["hello"]


def test_plugins_are_in_the_order_of_their_names(site: Path) -> None:
    for name in ("melon", "apple", "zebra"):
        install(site, name, manifest(name))

    host = load()

    assert [status.name for status in host.statuses] == ["apple", "melon", "zebra"]
    assert names(host) == ["apple", "melon", "zebra"]


def test_each_plugin_has_its_own_version(site: Path) -> None:
    for number, name in enumerate(("apple", "melon")):
        install(site, name, manifest(name, version=f"{number}.0"))

    versions = {status.name: status.version for status in load().statuses}

    assert versions == {"apple": "0.0", "melon": "1.0"}


def test_a_plugin_that_raises_while_it_is_imported_fails(site: Path) -> None:
    why = reason(site, 'raise RuntimeError("no licence")')

    assert why == "RuntimeError: no licence"


def test_a_plugin_with_a_syntax_error_fails_and_says_where(site: Path) -> None:
    why = reason(site, "def half(:")

    assert why.startswith("SyntaxError: invalid syntax (")
    assert ".py, line " in why


def test_a_plugin_whose_own_needs_are_missing_fails(site: Path) -> None:
    why = reason(site, "import points_needs_what_is_not_there")

    assert why == (
        "ModuleNotFoundError: No module named 'points_needs_what_is_not_there'"
    )


def test_a_plugin_that_ends_the_program_fails_alone(site: Path) -> None:
    why = reason(site, "raise SystemExit(3)")

    assert why == "SystemExit: 3"


NO_MANIFEST = "the plugin has no manifest: implement the hook `manifest`"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def manifest(): return Manifest(name='a', version='1', summary='b')",
        "@hookimpl\ndef manifest(): return 'hello 1.0'",
        "@hookimpl\ndef manifest(): return None",
    ],
    ids=["nothing", "without the marker", "text", "none"],
)
def test_a_plugin_without_a_manifest_fails(site: Path, code: str) -> None:
    assert reason(site, code) == NO_MANIFEST


def test_a_plugin_whose_manifest_raises_fails(site: Path) -> None:
    why = reason(site, "@hookimpl\ndef manifest(): raise ValueError('broken')")

    assert why == "ValueError: broken"


def test_a_plugin_whose_manifest_is_incomplete_fails(site: Path) -> None:
    why = reason(site, "@hookimpl\ndef manifest(): return Manifest(name='a')")

    assert why.startswith("TypeError: ")
    assert "version" in why


def test_a_plugin_with_a_hook_that_does_not_exist_fails(site: Path) -> None:
    why = reason(site, manifest("wrong") + "@hookimpl\ndef on_earm(): ...")

    assert why.startswith("PluginValidationError: unknown hook 'on_earm'")


def test_a_plugin_whose_hook_takes_other_arguments_fails(site: Path) -> None:
    why = reason(site, "@hookimpl\ndef manifest(colour): ...")

    assert why.startswith("PluginValidationError: ")
    assert "colour" in why


@pytest.mark.parametrize(
    "code",
    [
        "raise RuntimeError",
        "",
        "@hookimpl\ndef manifest(colour): ...",
        "@hookimpl\ndef on_earm(): ...",
        "@hookimpl\ndef manifest(): raise ValueError",
    ],
    ids=["import", "no manifest", "arguments", "unknown hook", "raising manifest"],
)
def test_a_plugin_that_fails_stops_no_other(site: Path, code: str) -> None:
    for name in ("apple", "zebra"):
        install(site, name, manifest(name))
    install(site, "melon", code)

    host = load()

    assert [status.state.value for status in host.statuses] == [
        "ENABLED",
        "FAILED",
        "ENABLED",
    ]
    assert names(host) == ["apple", "zebra"]


def test_a_plugin_that_fails_is_not_called(site: Path) -> None:
    install(site, "wrong", manifest("wrong") + "@hookimpl\ndef on_earm(): ...")

    assert load().plugins == ()


def test_a_plugin_that_fails_tells_its_distribution(site: Path) -> None:
    install(site, "wrong", "")

    (status,) = load().statuses

    assert (status.distribution, status.version) == ("points-wrong", "1.0")


@dataclass(frozen=True)
class Greeter:
    """Is a plugin that is an object."""

    name: str

    @hookimpl
    def manifest(self) -> Manifest:
        """Introduces the plugin."""
        return Manifest(name=self.name, version="3.0", summary="Says hello.")


GREETER = Greeter("greeter")


def entry(name: str, value: str) -> EntryPoint:
    """Returns an entry point of no distribution."""
    return EntryPoint(name=name, value=value, group="points.plugins")


def test_a_plugin_may_be_an_object() -> None:
    host = load_plugins([entry("greeter", f"{__name__}:GREETER")])

    (status,) = host.statuses
    assert (status.state, status.version) == (PluginState.ENABLED, "3.0")
    assert status.distribution == ""


def test_an_object_that_is_not_there_fails() -> None:
    (status,) = load_plugins([entry("greeter", f"{__name__}:GONE")]).statuses

    assert status.state is PluginState.FAILED
    assert status.reason.startswith("AttributeError: ")


@pytest.mark.parametrize("second", ["GREETER", "GONE"])
def test_of_two_plugins_with_one_name_the_first_takes_part(second: str) -> None:
    twice = [
        entry("greeter", f"{__name__}:GREETER"),
        entry("greeter", f"{__name__}:{second}"),
    ]

    host = load_plugins(twice)

    assert [status.state.value for status in host.statuses] == ["ENABLED", "FAILED"]
    assert names(host) == ["greeter"]


def test_two_names_of_one_plugin_are_not_two_plugins() -> None:
    twice = [
        entry("greeter", f"{__name__}:GREETER"),
        entry("welcomer", f"{__name__}:GREETER"),
    ]

    host = load_plugins(twice)

    assert [status.state.value for status in host.statuses] == ["ENABLED", "FAILED"]
    assert names(host) == ["greeter"]
