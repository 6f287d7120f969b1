"""The plugin as its host sees it."""

from __future__ import annotations

from points_checkin.plugin import manifest


def test_the_plugin_says_who_it_is() -> None:
    assert manifest().name == "checkin"
