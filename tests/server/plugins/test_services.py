"""Services of plugins as callers see them: commands, queries and watches."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from points.client import PointsClient
from points.testing.served import Served, error_info
from points.v1.consistency_pb2 import Consistency
from tests.plugin import greeter
from tests.plugin.greeter import CountRequest, Greetings, GreetRequest
from tests.server.plugins.greeting import call, greet


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

    assert tried == Greetings()
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
