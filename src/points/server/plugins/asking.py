"""Asks plugins for their health, each in a thread of its own: one may not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final


ANSWER_SECONDS: Final = 10.0
"""How long a plugin may take to say how it is."""


@dataclass(slots=True)
class _Asked:
    """Is a question, and what was said: to the one before while it is under way."""

    began: float
    is_over: bool = False
    said: str = ""


class Questions:
    """Asks again and again, and knows the latest answers. For one thread to use.

    `ask` says what is wrong with a plugin. Who has not answered is not asked again.
    """

    def __init__(
        self,
        ask: Callable[[str], str],
        *,
        answer_seconds: float = ANSWER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._answer_seconds = answer_seconds
        self._clock = clock
        self._asked: dict[str, _Asked] = {}

    def ask_all(self, names: Iterable[str]) -> None:
        """Asks each of these plugins, but for those that still owe an answer."""
        for name in names:
            known = self._asked.get(name)
            if known is None or known.is_over:
                said = known.said if known else ""
                asked = self._asked[name] = _Asked(self._clock(), said=said)
                self._start(name, asked)

    def ills(self) -> Mapping[str, str]:
        """Returns what is wrong with plugins, by their names."""
        found = {name: self._ill(asked) for name, asked in list(self._asked.items())}
        return {name: what for name, what in found.items() if what}

    def _start(self, name: str, asked: _Asked) -> None:
        def run() -> None:
            asked.said = self._ask(name)
            asked.is_over = True

        # Nobody waits for it: a daemon does not keep the process from ending.
        threading.Thread(target=run, name=f"points-health-{name}", daemon=True).start()

    def _ill(self, asked: _Asked) -> str:
        seconds = self._clock() - asked.began
        if asked.is_over or seconds < self._answer_seconds:
            return asked.said
        return f"health has not answered for {self._answer_seconds:g} s"
