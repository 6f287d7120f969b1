"""The plugins of an engine: the registry in force, which the host may swap."""

from __future__ import annotations

from points.domain.commands import CallPlugin
from points.domain.program import Program
from points.domain.refusals import Refusal
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.calls import Ground, prepared
from points.engine.plugins.chance import SystemRandom
from points.engine.plugins.dispatch import Dispatch
from points.engine.plugins.guarding import failure_of
from points.engine.plugins.keys import NO_KEYS, Keyring
from points.engine.plugins.settings import Settings
from points.engine.programs import Programs
from points.plugin.context import Random
from points.plugin.registry import NO_PLUGINS, Registry


class Plugins:
    """Holds the registry in force. Any thread may put another one in its place.

    A batch is decided under the one that it begins with. `random` is what plugins
    draw from, `keyring` has their keys.
    """

    def __init__(
        self,
        registry: Registry = NO_PLUGINS,
        random: Random | None = None,
        keyring: Keyring = NO_KEYS,
    ) -> None:
        self.registry = registry
        self.keyring = keyring
        self.random = random or SystemRandom()
        self.settings = Settings()
        self.breaker = Breaker()
        self._dispatch: Dispatch | None = None

    def dispatch(self, programs: Programs, program: Program) -> Dispatch:
        """Returns what decides calls under a program."""
        last = self._dispatch
        registry = self.registry
        if last and last.registry is registry and last.program is program:
            return last
        found = Dispatch(
            registry,
            programs,
            program,
            self.settings,
            self.random,
            self.breaker,
            self.keyring,
        )
        self._dispatch = found
        return found

    def prepared(self, command: CallPlugin, ground: Ground) -> CallPlugin:
        """Returns a call with what it will read; raises PluginDisabled and Internal."""
        try:
            with self.breaker.asking((command.plugin, command.method)):
                return prepared(self.registry, self.keyring, command, ground)
        except Refusal:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the plugin's
            raise failure_of(command.plugin, command.method, error) from None
