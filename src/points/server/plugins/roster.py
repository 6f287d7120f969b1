"""Who takes part right now: what was loaded, without what operators have switched off.

A thread looks for switches each second, for another server of the ledger may have set
them, and asks the plugins for their health now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from points.domain.documents import CORE_PLUGIN
from points.domain.refusals import PluginNotFound
from points.engine.engine import Engine
from points.engine.plugins.keys import NO_KEYS, Keyring
from points.engine.plugins.plugins import Plugins
from points.engine.plugins.queries import answer_query
from points.engine.plugins.requests import call_of
from points.plugin.host import Host
from points.plugin.registry import Registry
from points.plugin.statuses import PluginState, PluginStatus
from points.server.plugins.asking import Questions
from points.server.plugins.switches import (
    LIST,
    SET_STATE,
    Hung,
    core_plugin,
    hung_off,
    switched_off,
)


POLL_SECONDS: Final = 1.0
"""Pause between two looks for switches."""

HEALTH_EVERY: Final = 10
"""Looks between two questions for health."""

_log = structlog.get_logger("points.plugins")


class Roster:
    """Keeps the engine's registry as operators want it. Safe for any thread."""

    def __init__(
        self, loaded: Host, hung: Sequence[Hung] = (), keyring: Keyring = NO_KEYS
    ) -> None:
        self._loaded = loaded
        self._hung = tuple(hung)
        self._core = core_plugin(lambda name: loaded.status(name) is not None)
        self._lock = threading.Lock()
        self._off = hung_off(hung)
        self._host = _without(loaded, self._off)
        self._questions = Questions(loaded.health)
        self.plugins = Plugins(self._registry(self._host), keyring=keyring)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def loaded(self) -> Host:
        """Returns what was loaded, whether switched off or not."""
        return self._loaded

    @property
    def host(self) -> Host:
        """Returns who takes part now."""
        return self._host

    def statuses(self) -> tuple[PluginStatus, ...]:
        """Returns the status of every installed plugin now, its health included."""
        ills = self._questions.ills()
        return tuple(_with_health(status, ills) for status in self._host.statuses)

    def refresh(self, engine: Engine) -> None:
        """Reads the switches, and puts the registry in force that they ask for.

        Those are set first that are set for plugins which have hung.
        """
        self._switch_hung_off(engine)
        switches = answer_query(engine, CORE_PLUGIN, LIST, None)
        with self._lock:
            self._switch(switched_off(switches))

    def ask_for_health(self) -> None:
        """Asks every plugin that takes part what is wrong with it; waits for none."""
        self._questions.ask_all(plugin.name for plugin in self._host.plugins)

    def start(self, engine: Engine) -> None:
        """Reads the switches, and goes on doing so in a thread."""
        self.refresh(engine)
        self._thread = threading.Thread(
            target=self._run, args=(engine,), name="points-plugins"
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, engine: Engine) -> None:
        looks = 0
        while not self._stopped.wait(POLL_SECONDS):
            looks += 1
            try:
                self.refresh(engine)
                if looks % HEALTH_EVERY == 1:
                    self.ask_for_health()
            except Exception as error:  # noqa: BLE001 - the next look may do better
                _log.warning("plugins_unknown", error=str(error))

    def _switch(self, off: Mapping[str, str]) -> None:
        if off == self._off:
            return
        host = _without(self._loaded, off)
        self._off, self._host = off, host
        self.plugins.registry = self._registry(host)
        _log.info("plugins_switched", off=sorted(off))

    def _switch_hung_off(self, engine: Engine) -> None:
        """Sets the switch of each plugin that has hung, on every server of the ledger.

        Again it is the same call: one that was switched on since stays so.
        """
        method = Registry((self._core,)).methods[CORE_PLUGIN, SET_STATE]
        for hung in self._hung:
            request = hung.request()
            try:
                engine.execute(call_of(self._core, SET_STATE, method, request))
            except PluginNotFound:
                continue  # Nobody has to be kept from it any more.
        self._hung = ()

    def _registry(self, host: Host) -> Registry:
        return Registry((self._core, *host.plugins))


def _with_health(status: PluginStatus, ills: Mapping[str, str]) -> PluginStatus:
    ill = ills.get(status.name, "")
    if status.state is PluginState.ENABLED and ill:
        return replace(status, state=PluginState.DEGRADED, reason=ill)
    return status


def without_hung(host: Host, hung: Sequence[Hung]) -> Host:
    """Returns the host without the plugins that have hung."""
    return _without(host, hung_off(hung))


def _without(host: Host, off: Mapping[str, str]) -> Host:
    for name, why in off.items():
        host = host.without(name, PluginState.DISABLED, why)
    return host
