"""Health of plugins: who says nothing is degraded, as is who says why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from points.plugin.statuses import PluginState
from points.server.plugins.asking import Questions
from points.server.plugins.roster import Roster
from tests.plugin import greeter


def test_health_makes_a_plugin_degraded() -> None:
    roster = Roster(greeter.host(health="no stock"))

    roster.ask_for_health()

    assert comes_true(lambda: roster.statuses()[0].reason == "no stock")
    found, failed = roster.statuses()
    assert found.state is PluginState.DEGRADED
    assert failed.state is PluginState.FAILED


def test_a_plugin_that_does_not_say_how_it_is_is_degraded_until_it_does() -> None:
    times, answers = [0.0], threading.Event()
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        answers.wait(60)
        return "no stock" if name == "apple" else ""

    questions = Questions(ask, answer_seconds=10, clock=lambda: times[0])
    questions.ask_all(["apple"])
    assert not questions.ills()

    times[0] = 10.0
    questions.ask_all(["apple", "melon"])  # the first is not asked twice
    assert questions.ills() == {"apple": "health has not answered for 10 s"}

    answers.set()
    assert comes_true(lambda: questions.ills() == {"apple": "no stock"})
    assert comes_true(lambda: sorted(asked) == ["apple", "melon"])


def comes_true(condition: Callable[[], bool]) -> bool:
    """Says whether something becomes so within a while."""
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
