"""Flags made from the settings, so that each is described once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from points.settings import Settings, program_in


__all__ = ["program_in", "settings_flags"]

Command = TypeVar("Command", bound=Callable[..., Any])


def settings_flags(*names: str) -> Callable[[Command], Command]:
    """Returns a decorator that adds the flags of these settings, all by default."""
    fields = {
        name: Settings.model_fields[name] for name in names or Settings.model_fields
    }

    def add(command: Command) -> Command:
        for name, field in reversed(fields.items()):
            shown = (
                ",".join(field.default)
                if isinstance(field.default, tuple)
                else field.default
            )
            flag = click.option(
                f"--{name.replace('_', '-')}",
                name,
                default=None,
                metavar=_metavar(field.default),
                help=f"{field.description}  [default: {shown}]",
            )
            command = flag(command)
        return command

    return add


def _metavar(default: object) -> str:
    if isinstance(default, tuple):
        return "NAME,..."
    if isinstance(default, dict):
        return "JSON"
    return "NUMBER" if isinstance(default, int | float) else "TEXT"
