"""Plugins are told of start and end, and asked for their health."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from points.plugin.deadlines import within
from points.plugin.host import Host, PluginState, load_plugins
from tests.plugin.build import here, install, load, manifest


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


HANGING = {
    "import": "while True: pass",
    "import and sleep": "import time; time.sleep(600)",
    "hook": "@hookimpl\ndef channels():\n    while True: pass",
    "deaf at first": """
    import time
    @hookimpl
    def channels():
        try:
            time.sleep(600)
        except BaseException:
            time.sleep(600)
    """,
}


@pytest.mark.parametrize("code", HANGING.values(), ids=list(HANGING))
def test_a_plugin_that_does_not_end_to_load_fails_alone(site: Path, code: str) -> None:
    plugin(site, "apple", code)
    plugin(site, "melon")

    host = load_plugins(here(), seconds=0.1)

    assert states(host) == ["FAILED", "ENABLED"]
    assert host.statuses[0].reason == "the start of apple has not ended within 0.1 s"


def test_start_and_end_have_a_deadline(site: Path) -> None:
    hanging = "@hookimpl\ndef {}():\n    while True: pass\n"
    plugin(site, "apple", hanging.format("started"))
    plugin(site, "melon", hanging.format("stopping"))

    host = load().started(seconds=0.1)

    assert states(host) == ["FAILED", "ENABLED"]
    assert "the hook started of apple has not ended" in host.statuses[0].reason
    (why,) = host.stopping(seconds=0.1).values()
    assert why == "the hook stopping of melon has not ended within 0.1 s"


def test_a_deadline_leaves_the_timer_of_others_as_it_was() -> None:
    before = signal.getitimer(signal.ITIMER_REAL)[0]
    handler = signal.getsignal(signal.SIGALRM)

    with within(30, "nothing"):
        pass

    assert signal.getsignal(signal.SIGALRM) is handler
    assert before - 20 < signal.getitimer(signal.ITIMER_REAL)[0] <= before


def test_what_hears_no_signal_ends_with_the_process() -> None:
    code = """
        import time
        from points.plugin import deadlines

        deadlines._DEAF_SECONDS = deadlines._AGAIN_SECONDS = 0.05
        with deadlines.within(0.05, "the start of apple"):
            while True:
                try:
                    time.sleep(600)
                except BaseException:
                    pass
        """

    ended = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("points: the start of apple hangs")


def test_an_alarm_while_a_deadline_ends_is_of_no_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_timer, timers = signal.setitimer, _timers()
    before = signal.getsignal(signal.SIGALRM)

    def late(which: int, seconds: float, again: float = 0) -> tuple[float, float]:
        # The alarm comes as soon as the block has ended, or has not begun.
        if signal.getsignal(signal.SIGALRM) != before:
            signal.raise_signal(signal.SIGALRM)
        return set_timer(which, seconds, again)

    monkeypatch.setattr(signal, "setitimer", late)
    with within(30, "nothing"):
        pass

    assert _timers() == timers


def _timers() -> int:
    """Returns how many timers of this process would still do something."""
    threads = threading.enumerate()
    found = [each for each in threads if isinstance(each, threading.Timer)]
    return sum(not each.finished.is_set() for each in found)
