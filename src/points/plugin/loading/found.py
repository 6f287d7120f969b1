"""The installed plugins, as their distributions describe them: nothing is imported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points
from typing import Final


GROUP: Final = "points.plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Is an entry point, and what its distribution says.

    `keywords` and `needs` are the distribution's; `files` are the modules that it
    puts where others could put theirs, in editable installations none.
    """

    entry: EntryPoint
    distribution: str = ""
    version: str = ""
    needs: tuple[str, ...] = ()
    keywords: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Returns the name under which the plugin is installed."""
        return self.entry.name

    @property
    def origin(self) -> str:
        """Returns the distribution, for sentences about it."""
        return self.distribution or "no distribution"


def find_plugins(entries: Iterable[EntryPoint] | None = None) -> list[Found]:
    """Returns the plugins, all installed ones by default, by name and distribution."""
    installed = entry_points(group=GROUP) if entries is None else entries
    found = [_described(entry) for entry in installed]
    return sorted(found, key=lambda each: (each.name, each.distribution))


def _described(entry: EntryPoint) -> Found:
    told = entry.dist
    if told is None:
        return Found(entry=entry)
    keywords = " ".join(told.metadata.get_all("Keywords") or ())
    return Found(
        entry=entry,
        distribution=told.name,
        version=told.version,
        needs=tuple(told.requires or ()),
        keywords=frozenset(keywords.replace(",", " ").split()),
        files=frozenset(_modules(told)),
    )


def _modules(told: Distribution) -> Iterable[str]:
    for path in told.files or ():
        if path.suffix in (".py", ".so"):
            yield str(path)
