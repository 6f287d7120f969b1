"""The settings of plugins in the versions of the program, made into their models."""

from __future__ import annotations

from typing import Any

from points.domain.program import Program
from points.engine.programs import Programs
from points.plugin.configuration import config_of
from points.plugin.registry import Plugin


class Settings:
    """Remembers what each plugin's section means in each version of the program."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, bool], tuple[object, Program, Any]] = {}

    def of(self, plugin: Plugin, program: Program, *, in_force: Program) -> Any:
        """Returns the settings under a program, as the plugin's own model.

        A plain mapping for a plugin without one. Those of a program before the one in
        force are without the secrets that cannot be read any more. Raises ConfigWrong.
        """
        is_past = program.version < in_force.version
        key = (plugin.name, program.version, is_past)
        known = self._known.get(key)
        if known and known[0] is plugin and known[1] is program:
            return known[2]
        section = program.plugins.get(plugin.name, {})
        found = config_of(plugin, section, is_past=is_past)
        self._known[key] = (plugin, program, found)
        return found


def program_of_version(programs: Programs, version: int) -> Program:
    """Returns a version of the program; raises LookupError for one not known."""
    found = programs.of_version(version)
    if found is None:
        raise LookupError(f"the program has no usable version {version}")
    return found
