"""Whether a plugin can run here, decided before any of its code does."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from points.plugin.loading.found import Found
from points.plugin.manifest import API_VERSION
from points.plugin.statuses import Incompatible


API_KEYWORD: Final = "points-plugin-api-"
"""Begins the keyword by which a distribution names the plugin API it needs."""


def check_before_import(found: Found) -> None:
    """Raises Incompatible if the distribution says that the plugin cannot run here.

    Its keyword names the plugin API, such as `points-plugin-api-1.0`, and its
    requirements name other distributions, which have to be here in these versions.
    """
    for keyword in sorted(found.keywords):
        if keyword.startswith(API_KEYWORD):
            check_api(keyword.removeprefix(API_KEYWORD))
    for need in found.needs:
        _check_need(need, version)


def check_api(wanted: str) -> None:
    """Raises Incompatible unless plugins written for this API run here."""
    try:
        major, minor = (int(number) for number in wanted.split("."))
    except ValueError:
        raise Incompatible(
            f"it names the plugin API {wanted!r}, which is no version such as 1.0"
        ) from None
    here, until = (int(number) for number in API_VERSION.split("."))
    if major != here or minor > until:
        raise Incompatible(
            f"it is written for plugin API {wanted}, this server has {API_VERSION}"
        )


def _check_need(need: str, installed: Callable[[str], str]) -> None:
    try:
        wanted = Requirement(need)
    except InvalidRequirement:
        raise Incompatible(f"its requirement {need!r} cannot be read") from None
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return
    try:
        there = installed(wanted.name)
    except PackageNotFoundError:
        raise Incompatible(f"it needs {wanted}, which is not installed") from None
    if not wanted.specifier.contains(there, prereleases=True):
        raise Incompatible(f"it needs {wanted}, here is {there}")
