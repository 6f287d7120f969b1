"""Plugins are told of start and end, and asked for their health."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from points.plugin.host import Host, PluginState
from tests.plugin.build import install, load, manifest


def plugin(site: Path, name: str, code: str = "", *, requires: str = "") -> None:
    """Installs a plugin with these hooks beside its manifest."""
    told = manifest(name)
    if requires:
        told = told.replace("summary=", f"requires=({requires!r},), summary=")
    install(site, name, told + dedent(code))


def states(host: Host) -> list[str]:
    """Returns the states of all plugins, in the order of their names."""
    return [status.state.value for status in host.statuses]


RAISING = """
    @hookimpl
    def started():
        raise RuntimeError("no connection")
    """


def test_a_plugin_that_cannot_start_fails_with_those_that_require_it(
    site: Path,
) -> None:
    plugin(site, "apple", RAISING)
    plugin(site, "melon", requires="apple")
    plugin(site, "zebra")

    host = load().started()

    assert states(host) == ["FAILED", "FAILED", "ENABLED"]
    assert host.statuses[0].reason == "RuntimeError: no connection"
    assert host.statuses[1].reason == (
        "it requires the plugin apple, which does not take part"
    )
    assert [each.name for each in host.registry.plugins] == ["zebra"]


def test_every_plugin_is_told_of_the_end_the_last_one_first(site: Path) -> None:
    log = site / "log"
    for name in ("apple", "melon"):
        plugin(
            site,
            name,
            f"""
            @hookimpl
            def stopping():
                with open({str(log)!r}, "a") as file:
                    file.write("{name} ")
                raise RuntimeError("late")
            """,
        )

    raised = load().stopping()

    assert log.read_text() == "melon apple "
    assert raised == {"apple": "RuntimeError: late", "melon": "RuntimeError: late"}


def test_health_is_what_the_plugin_says(site: Path) -> None:
    plugin(site, "apple")
    plugin(site, "melon", "@hookimpl\ndef health(): return 'no stock'")
    plugin(site, "plum", "@hookimpl\ndef health(): raise RuntimeError('worse')")
    plugin(site, "zebra", "@hookimpl\ndef health(): return 3")

    host = load()

    assert [host.health(plugin.name) for plugin in host.plugins] == [
        "",
        "no stock",
        "RuntimeError: worse",
        "health says 3",
    ]


def test_a_plugin_can_be_taken_out_with_those_that_require_it(site: Path) -> None:
    plugin(site, "apple")
    plugin(site, "melon", requires="apple")

    host = load().without("apple", PluginState.DISABLED, "by ann")

    assert states(host) == ["DISABLED", "DISABLED"]
    assert host.plugins == ()
