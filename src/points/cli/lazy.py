"""Commands that are imported when they are called, and no sooner.

A server needs the whole engine, and who closes the books only a client: what a command
does not use would take it seconds to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Offer:
    """Is a command as the help tells of it: `place` is where it is, `module:name`."""

    place: str
    summary: str

    def load(self) -> click.Command:
        """Imports the command."""
        command: click.Command = _named(self.place)
        return command


class LazyGroup(click.Group):
    """Is a group of `offers`, and of the commands that the function `more` returns.

    Those of `more`, by their names, are asked for only where a name is no offer's, or
    all are listed.
    """

    def __init__(
        self, *args: Any, offers: Mapping[str, Offer], more: str, **options: Any
    ) -> None:
        """Takes what click.Group takes, besides."""
        super().__init__(*args, **options)
        self._offers = offers
        self._more = more

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of a name, None if there is none."""
        del ctx
        offer = self._offers.get(cmd_name)
        return offer.load() if offer else self._others().get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands, those of `more` last."""
        del ctx
        others = [name for name in self._others() if name not in self._offers]
        return [*sorted(self._offers), *others]

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes what each command does, without importing those that are offered."""
        names = self.list_commands(ctx)
        others = self._others()
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, self._offers[name].summary)
                    if name in self._offers
                    else (name, others[name].get_short_help_str(formatter.width))
                    for name in names
                ]
            )

    def _others(self) -> Mapping[str, click.Command]:
        others: Mapping[str, click.Command] = _named(self._more)()
        return others


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
