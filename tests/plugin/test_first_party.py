"""What the plugins of this repository have in common, as callers see it."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from points.plugin.host import load_plugins
from points.plugin.methods import Mode


PLUGINS = {plugin.name: plugin for plugin in load_plugins().plugins}
FIELDS = [
    ("validate_only", FieldDescriptor.TYPE_BOOL),
    ("revision", FieldDescriptor.TYPE_STRING),
    ("replayed", FieldDescriptor.TYPE_BOOL),
]


def methods_of(name: str, *modes: Mode) -> list[MethodDescriptor]:
    """Returns the methods of a plugin that are of these modes."""
    return [
        service.descriptor.methods_by_name[method.name]
        for service in PLUGINS[name].services
        for method in service.methods
        if method.mode in modes
    ]


@pytest.mark.parametrize("name", PLUGINS)
def test_commands_have_the_fields_that_all_writes_have(name: str) -> None:
    found = methods_of(name, Mode.COMMAND)

    assert found
    for method in found:
        fields = (*method.input_type.fields, *method.output_type.fields)
        assert set(FIELDS) <= {(each.name, each.type) for each in fields}


def test_a_command_that_would_tell_what_is_secret_has_no_preview() -> None:
    hidden = {
        method.name
        for plugin in PLUGINS.values()
        for service in plugin.services
        for method in service.methods
        if method.mode is Mode.COMMAND and not method.is_previewed
    }

    assert hidden == {
        *("Spin", "RevealCard", "RotateSeed"),  # the wheel's draws and seeds
        *("Bid", "WithdrawBid", "RevealBid"),  # what others have bid
    }


@pytest.mark.parametrize("name", PLUGINS)
def test_queries_have_none_of_them(name: str) -> None:
    for method in methods_of(name, Mode.QUERY, Mode.WATCH):
        fields = {each.name for each in method.input_type.fields}
        assert fields.isdisjoint({"validate_only", "request_id"}), method.full_name
