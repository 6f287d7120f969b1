"""A plugin's section of the program document, made into the plugin's own model.

A secret stands there as `{"$env": "NAME"}` or `{"$file": "/run/secrets/name"}`: the
document, which is stored and shown to many, holds the reference alone. Secrets come and
go while documents stay: of an earlier version the rules are read, and the secrets that
are still there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from points.plugin.naming import Names, unknown_names
from points.plugin.registry import Plugin


Where: TypeAlias = tuple[int | str, ...]
"""The way to a value: keys of tables and numbers of lists."""

Problem: TypeAlias = tuple[Where, str]
"""A place in a section, and what is wrong there."""

FILE_CHARACTERS_MAX: Final = 65_536
"""Longest secret in a file: keys and tokens are far shorter, logs are longer."""

_GONE: Final = object()
"""Stands where a secret was that cannot be read here."""


class ConfigWrong(Exception):  # noqa: N818 - says what is wrong
    """A section of a plugin does not fit its model.

    Attributes:
        problems: The place of each problem in the section, and what it is.
    """

    def __init__(self, plugin: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(plugin, problems)
        self.plugin = plugin
        self.problems = problems

    def __str__(self) -> str:
        told = [f"{_path(where)} {reason}" for where, reason in self.problems]
        return f"plugins.{self.plugin}: {'; '.join(told)}"


def section_problems(
    plugins: Mapping[str, Plugin],
    name: str,
    section: Mapping[str, Any],
    names: Names,
) -> tuple[Problem, ...]:
    """Returns what is wrong with a section; nothing for a plugin that is not here.

    `names` are those of the program; the channels of plugins are sinks, too.
    """
    plugin = plugins.get(name)
    if plugin is None:
        return ()
    try:
        config = config_of(plugin, section)
    except ConfigWrong as wrong:
        return wrong.problems
    channels = {each.name for one in plugins.values() for each in one.channels}
    known = names._replace(sinks=names.sinks | channels)
    return tuple(unknown_names(config, known))


def config_of(
    plugin: Plugin, section: Mapping[str, Any], *, is_past: bool = False
) -> Any:
    """Returns what `ctx.config` is: the plugin's model of a section.

    The section itself for a plugin without a model. Raises ConfigWrong, for a secret
    that cannot be read here, too. That of a section that `is_past` is left out instead:
    a list is without it, and a field has its default. Where the model has none, what is
    raised names the secret.
    """
    found, missing = _resolved(section)
    if missing and not is_past:
        raise ConfigWrong(plugin.name, missing)
    if plugin.config_model is None:
        return found
    try:
        return plugin.config_model.model_validate(found)
    except ValueError as error:
        raise ConfigWrong(plugin.name, (*missing, *_problems(error))) from None


def _problems(error: ValueError) -> tuple[Problem, ...]:
    """Returns what pydantic has found, without importing pydantic here."""
    errors: Callable[..., Any] | None = getattr(error, "errors", None)
    if errors is None:
        return (((), str(error)),)
    return tuple(
        (tuple(each["loc"]), str(each["msg"]))
        for each in errors(include_url=False, include_input=False)
    )


def _resolved(section: Mapping[str, Any]) -> tuple[Any, tuple[Problem, ...]]:
    """Returns a section with its secrets, and those that cannot be read left out."""
    missing: list[Problem] = []
    return _with_secrets(section, (), missing), tuple(missing)


def _with_secrets(value: Any, where: Where, missing: list[Problem]) -> Any:
    if isinstance(value, Mapping):
        if len(value) == 1 and (kind := next(iter(value))) in _SECRETS:
            return _secret(str(kind), value[kind], where, missing)
        pairs = [
            (key, _with_secrets(each, (*where, key), missing))
            for key, each in value.items()
        ]
        return {key: each for key, each in pairs if each is not _GONE}
    if isinstance(value, list | tuple):
        items = [
            _with_secrets(each, (*where, number), missing)
            for number, each in enumerate(value)
        ]
        return [each for each in items if each is not _GONE]
    return value


def _secret(kind: str, name: Any, where: Where, missing: list[Problem]) -> Any:
    try:
        return _SECRETS[kind](str(name))
    except (KeyError, OSError, ValueError):
        missing.append((where, f"names {kind} {name}, which cannot be read here"))
        return _GONE


def _of_environment(name: str) -> str:
    return os.environ[name]


def _of_file(name: str) -> str:
    with Path(name).open(encoding="utf-8") as file:
        text = file.read(FILE_CHARACTERS_MAX + 1)
    if len(text) > FILE_CHARACTERS_MAX:
        raise ValueError(name)
    return text.strip()


_SECRETS: Final[Mapping[str, Callable[[str], str]]] = {
    "$env": _of_environment,
    "$file": _of_file,
}


def _path(where: Where) -> str:
    return ".".join(map(str, where)) or "it"
