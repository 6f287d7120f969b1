"""Flags made from the settings, so that each is described once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from points.domain.program import Program, program_of
from points.settings import Settings


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


def program_in(settings: Settings) -> Program:
    """Returns the program that the settings describe."""
    return program_of(
        currency_units=settings.currency_units,
        growth_units=settings.growth_units,
        sinks=settings.sinks,
    )


def _metavar(default: object) -> str:
    if isinstance(default, tuple):
        return "NAME,..."
    return "NUMBER" if isinstance(default, int | float) else "TEXT"
