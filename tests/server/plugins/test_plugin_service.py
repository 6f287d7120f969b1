"""PluginService: plugins are listed, switched off, purged and set up."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from points.client import PointsClient, Refused
from points.store.proof.audit import audit
from points.testing.served import Served
from points.v1 import plugin_service_pb2 as pb
from tests.plugin import greeter
from tests.plugin.greeter import CountRequest
from tests.server.plugins.greeting import call, greet


OPERATOR: Final[dict[str, Any]] = {"operator": "ann", "reason": "a test"}


def test_list_plugins_tells_those_that_failed_too(client: PointsClient) -> None:
    good, bad = client.list_plugins().plugins

    assert (good.name, good.state) == ("greeter", pb.PLUGIN_STATE_ENABLED)
    assert list(good.services) == [greeter.SERVICE]
    assert list(good.reasons) == ["RUDE", "ENOUGH"]
    assert (bad.name, bad.state) == ("mute", pb.PLUGIN_STATE_FAILED)
    assert bad.reason == "no manifest"


def test_get_plugin_tells_the_schema_of_its_settings(client: PointsClient) -> None:
    found = client.get_plugin("greeter").plugin

    assert found.api_version == "1.0"
    assert json.loads(found.config_schema)["properties"]["points"]["default"] == 3


def test_get_plugin_of_one_that_is_not_installed_is_refused(
    client: PointsClient,
) -> None:
    with pytest.raises(Refused) as refused:
        client.get_plugin("nothing")

    assert refused.value.reason == "PLUGIN_NOT_FOUND"


def test_set_plugin_state_switches_a_plugin_off_and_on_and_keeps_its_data(
    running: Served, client: PointsClient, member_id: str
) -> None:
    greet(running, member_id, "before")

    client.disable_plugin("greeter", **OPERATOR)
    try:
        with running.refused("PLUGIN_DISABLED"):
            greet(running, member_id, "during")
        with running.refused("PLUGIN_DISABLED"):
            call(running, "Count", CountRequest(member_id=member_id))
        state = client.get_plugin("greeter").plugin
    finally:
        client.enable_plugin("greeter", **OPERATOR)

    assert state.state == pb.PLUGIN_STATE_DISABLED
    assert state.reason == "switched off by ann: a test"
    assert greet(running, member_id, "during").count == 2


def test_set_plugin_state_is_repeatable_and_may_only_be_checked(
    running: Served, client: PointsClient
) -> None:
    options = {**OPERATOR, "request_id": "on-again"}
    client.disable_plugin("greeter", **OPERATOR, validate_only=True)

    assert client.enable_plugin("greeter", **options) == client.enable_plugin(
        "greeter", **options
    )
    assert client.get_plugin("greeter").plugin.state == pb.PLUGIN_STATE_ENABLED
    with running.refused("PLUGIN_NOT_FOUND"):
        client.plugins.SetPluginState(
            pb.SetPluginStateRequest(
                name="nothing",
                state=pb.PLUGIN_STATE_ENABLED,
                request_id="x",
                **OPERATOR,
            )
        )


def test_set_plugin_state_is_proved_like_all_else(
    running: Served, client: PointsClient
) -> None:
    client.disable_plugin("greeter", **OPERATOR)
    client.enable_plugin("greeter", **OPERATOR)

    assert audit(running.engine.store.backend).findings == []


def test_purge_plugin_removes_what_a_plugin_that_is_off_has_left(
    running: Served, client: PointsClient, member_id: str
) -> None:
    greet(running, member_id, "before")
    client.disable_plugin("greeter", **OPERATOR)
    try:
        checked = client.purge_plugin("greeter", **OPERATOR, validate_only=True)
        first = client.purge_plugin("greeter", **OPERATOR, request_id="purge")
        repeated = client.purge_plugin("greeter", **OPERATOR, request_id="purge")
        more = client.purge_plugin("greeter", **OPERATOR)
    finally:
        client.enable_plugin("greeter", **OPERATOR)

    assert checked.purged_documents == checked.remaining_documents >= 1
    assert first.purged_documents == checked.remaining_documents
    assert first.remaining_documents == 0
    assert repeated == first
    assert more == pb.PurgePluginResponse()
    assert greet(running, member_id, "after").count == 1
    assert audit(running.engine.store.backend).findings == []


def test_purge_plugin_of_one_that_takes_part_is_refused(
    running: Served, client: PointsClient, member_id: str
) -> None:
    greet(running, member_id, "before")

    for name in ("greeter", "core"):
        with pytest.raises(Refused, match="is enabled: disable it first") as refused:
            client.purge_plugin(name, **OPERATOR)
        assert refused.value.reason == "PLUGIN_ENABLED"

    assert greet(running, member_id, "after").count == 2


@pytest.mark.parametrize("field", ["name", "operator", "reason", "request_id"])
def test_purge_plugin_says_which_field_is_wrong(
    running: Served, client: PointsClient, field: str
) -> None:
    fields: dict[str, Any] = {"name": "gone", "request_id": "wrong", **OPERATOR}

    for wrong in ("", "\0"):
        with running.refused("INVALID_ARGUMENT"):
            request = pb.PurgePluginRequest(**{**fields, field: wrong})
            client.plugins.PurgePlugin(request)


@pytest.mark.parametrize(
    "change",
    [
        {"state": pb.PLUGIN_STATE_FAILED},
        {"operator": ""},
        {"reason": ""},
        {"name": ""},
    ],
)
def test_set_plugin_state_says_which_field_is_wrong(
    running: Served, client: PointsClient, change: dict[str, Any]
) -> None:
    fields: dict[str, Any] = {
        "name": "greeter",
        "state": pb.PLUGIN_STATE_ENABLED,
        "request_id": "wrong",
        **OPERATOR,
        **change,
    }

    with running.refused("INVALID_ARGUMENT"):
        client.plugins.SetPluginState(pb.SetPluginStateRequest(**fields))


def document(settings: str) -> str:
    """Returns a program with this section of the greeter."""
    unit = "{kind: currency, expiry: {after: P12M}}"
    return f"program: x\nunits: {{points: {unit}}}\nplugins:\n  greeter: {settings}\n"


def test_settings_of_a_plugin_are_checked_by_its_own_model(
    client: PointsClient,
) -> None:
    wrong = client.validate_program(document("{most: many, colour: red}"))

    assert [(each.path, each.line) for each in wrong.problems] == [
        ("plugins.greeter.most", 4),
        ("plugins.greeter.colour", 4),
    ]
    assert not client.validate_program(document("{most: 2}")).problems


def test_a_plugin_works_by_the_program_in_force(
    running: Served, client: PointsClient, member_id: str
) -> None:
    client.apply_program(document("{most: 1}"), **OPERATOR)
    try:
        greet(running, member_id, "once")

        with running.refused("ENOUGH", "greeter.points"):
            greet(running, member_id, "twice")
    finally:
        client.apply_program(document("{}"), **OPERATOR)
