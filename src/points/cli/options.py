"""Flags made from the settings, so that each is described once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from points.settings import Settings, program_in


__all__ = ["instant_of", "program_in", "settings_flags"]

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
            shown = "none" if shown == "" else shown
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


def instant_of(text: str, option: str) -> datetime:
    """Returns the instant in an option; raises click.BadParameter."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        what = f"{text!r} is no instant with a zone, such as 2026-01-01T00:00:00Z"
        raise click.BadParameter(what, param_hint=option)
    return instant


def _metavar(default: object) -> str:
    if isinstance(default, tuple):
        return "NAME,..."
    if isinstance(default, dict):
        return "JSON"
    return "NUMBER" if isinstance(default, int | float) else "TEXT"
