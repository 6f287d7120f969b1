"""Plugins as callers see them: their services, and PluginService."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import grpc
import pytest

from points.client import PointsClient, Refused
from points.plugin.statuses import PluginState
from points.server.plugins.asking import Questions
from points.server.plugins.roster import Roster
from points.store.proof.audit import audit
from points.testing.served import Served, error_info, running_served
from points.v1 import plugin_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency
from tests.plugin import greeter
from tests.plugin.greeter import CountRequest, Greetings, GreetRequest


OPERATOR: Final[dict[str, Any]] = {"operator": "ann", "reason": "a test"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yields one server for all tests here, with the greeter."""
    path: Path = tmp_path_factory.mktemp("plugins") / "points.db"
    with running_served(f"sqlite:///{path}", greeter.host()) as served:
        yield served


@pytest.fixture
def client(running: Served) -> PointsClient:
    """Returns a client of the server."""
    return running.client


@pytest.fixture
def member_id(client: PointsClient, request: pytest.FixtureRequest) -> str:
    """Returns a member of the test's own."""
    name: str = request.node.name[:100]
    client.create_member(name)
    return name


def call(running: Served, method: str, request: Any) -> Any:
    """Calls a method of the greeter."""
    multi = running.channel.unary_unary(
        f"/{greeter.SERVICE}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=Greetings.FromString,
    )
    return multi(request, timeout=10)


def greet(running: Served, member_id: str, request_id: str, how: str = "") -> Any:
    """Greets a member."""
    request = GreetRequest(member_id=member_id, request_id=request_id, how=how)
    return call(running, "Greet", request)


def failure(running: Served, member_id: str, how: str) -> tuple[Any, Any, str]:
    """Returns status code, reason and domain, and text of a greeting that fails."""
    with pytest.raises(grpc.RpcError) as raised:
        greet(running, member_id, f"fails-{how}", how)
    error: Any = raised.value
    info = error_info(error)
    return error.code(), (info.reason, info.domain), error.details()


def test_a_command_of_a_plugin_is_answered_and_moves_points(
    running: Served, client: PointsClient, member_id: str
) -> None:
    response = greet(running, member_id, "once")

    assert (response.count, response.replayed) == (1, False)
    (balances,) = client.get_balances(member_id, unit="points").balances
    assert balances.available == 3


def test_a_repeated_command_of_a_plugin_is_answered_as_it_was(
    running: Served, member_id: str
) -> None:
    first = greet(running, member_id, "once")
    greet(running, member_id, "twice")

    again = greet(running, member_id, "once")

    assert (again.replayed, first.replayed) == (True, False)
    again.replayed = False
    assert again == first


def test_a_response_names_the_state_that_holds_all_of_the_call(
    running: Served, client: PointsClient, member_id: str
) -> None:
    revision = greet(running, member_id, "once").revision

    (balances,) = client.get_balances(
        member_id, unit="points", consistency=Consistency(at_least_as_fresh=revision)
    ).balances
    assert balances.available == 3


def test_a_command_that_is_only_validated_changes_nothing(
    running: Served, client: PointsClient, member_id: str
) -> None:
    request = GreetRequest(
        member_id=member_id, request_id="once", how="hello", validate_only=True
    )

    tried = call(running, "Greet", request)

    assert tried == Greetings(count=1)
    assert call(running, "Count", CountRequest(member_id=member_id)).count == 0
    assert client.get_balances(member_id, unit="points").balances[0].available == 0
    done = greet(running, member_id, "once", "hello")
    assert (done.count, done.replayed) == (1, False)
    assert call(running, "Greet", request).replayed


def test_a_command_that_is_only_validated_is_refused_as_it_would_be(
    running: Served, member_id: str
) -> None:
    request = GreetRequest(
        member_id=member_id, request_id="once", how="rude", validate_only=True
    )

    for _ in range(2):
        with running.refused("RUDE", "greeter.points"):
            call(running, "Greet", request)
    assert not greet(running, member_id, "once").replayed


def test_the_same_request_id_with_another_greeting_is_refused(
    running: Served, member_id: str
) -> None:
    greet(running, member_id, "once", "hello")

    with running.refused("REQUEST_ID_REUSED"):
        greet(running, member_id, "once", "good morning")


def test_a_query_of_a_plugin_sees_what_was_committed(
    running: Served, member_id: str
) -> None:
    greet(running, member_id, "once")

    answer = call(running, "Count", CountRequest(member_id=member_id))

    assert answer == Greetings(count=1)


def test_a_refusal_of_a_plugin_has_its_reason_and_domain(
    running: Served, member_id: str
) -> None:
    code, reason, text = failure(running, member_id, "rude")

    assert code is grpc.StatusCode.PERMISSION_DENIED
    assert reason == ("RUDE", "greeter.points")
    assert text == "rude is no greeting"


@pytest.mark.parametrize("how", ["crash", "rubbish"])
def test_what_fails_within_a_plugin_is_internal_and_tells_nothing(
    running: Served, member_id: str, how: str
) -> None:
    code, reason, text = failure(running, member_id, how)

    assert code is grpc.StatusCode.INTERNAL
    assert reason == ("INTERNAL", "points")
    assert "secret" not in text
    assert greet(running, member_id, "next").count == 1


def test_rubbish_of_a_query_is_internal(running: Served) -> None:
    with running.refused("INTERNAL"):
        call(running, "Count", CountRequest(member_id="rubbish"))


def test_a_command_of_a_plugin_needs_its_member_and_its_request_id(
    running: Served, member_id: str
) -> None:
    with running.refused("INVALID_ARGUMENT"):
        greet(running, member_id, "")
    with running.refused("INVALID_ARGUMENT"):
        greet(running, "", "once")
    with running.refused("INVALID_ARGUMENT"):
        greet(running, member_id, "system/plugin/mine")


def test_a_watch_answers_at_once_and_whenever_its_answer_changes(
    running: Served, client: PointsClient, member_id: str
) -> None:
    watch = running.channel.unary_stream(
        f"/{greeter.SERVICE}/WatchCount",
        request_serializer=CountRequest.SerializeToString,
        response_deserializer=Greetings.FromString,
    )(CountRequest(member_id=member_id), timeout=10)

    assert next(watch) == Greetings()
    client.earn(member_id, 5, reason="purchase")  # changes nothing of the answer
    greet(running, member_id, "once")
    assert next(watch) == Greetings(count=1)
    greet(running, member_id, "twice")
    assert next(watch) == Greetings(count=2)
    watch.cancel()


def test_what_a_plugin_has_done_is_told_by_the_change_feed(
    running: Served, client: PointsClient, member_id: str
) -> None:
    greet(running, member_id, "once")

    outcome = client.get_outcome(member_id, "once").outcome

    assert outcome.plugin_call.plugin == "greeter"
    assert outcome.plugin_call.method == f"{greeter.SERVICE}/Greet"
    (transaction_id,) = outcome.plugin_call.transaction_ids
    assert client.get_transaction(transaction_id).transaction.channel == "greeter"


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


def test_health_makes_a_plugin_degraded() -> None:
    roster = Roster(greeter.host(health="no stock"))

    roster.ask_for_health()

    assert comes_true(lambda: roster.statuses()[0].reason == "no stock")
    found, failed = roster.statuses()
    assert found.state is PluginState.DEGRADED
    assert failed.state is PluginState.FAILED


def test_a_plugin_that_does_not_say_how_it_is_is_degraded_until_it_does() -> None:
    times, answers = [0.0], threading.Event()
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        answers.wait(60)
        return "no stock" if name == "apple" else ""

    questions = Questions(ask, answer_seconds=10, clock=lambda: times[0])
    questions.ask_all(["apple"])
    assert not questions.ills()

    times[0] = 10.0
    questions.ask_all(["apple", "melon"])  # the first is not asked twice
    assert questions.ills() == {"apple": "health has not answered for 10 s"}

    answers.set()
    assert comes_true(lambda: questions.ills() == {"apple": "no stock"})
    assert comes_true(lambda: sorted(asked) == ["apple", "melon"])


def comes_true(condition: Callable[[], bool]) -> bool:
    """Says whether something becomes so within a while."""
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
