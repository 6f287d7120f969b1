"""Metrics, as Prometheus finds them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from points.client import Refused
from points.engine.plugins.failures import FAILURES_MAX
from points.server.serving import CannotListen, ServingOptions
from points.testing.served import Served, running_served
from tests.plugin import greeter
from tests.plugin.greeter import CountRequest, GreetRequest


LEDGER: Final = "points.v1.LedgerService"
ATTEMPTS: Final = 9


def free_address() -> str:
    """Returns an address that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yields where a server with the greeter shows its metrics, after some calls."""
    url = f"sqlite:///{tmp_path_factory.mktemp('metrics') / 'points.db'}"
    with showing(url) as (served, address):
        client = served.client
        client.create_member("ada")
        for _ in range(2):
            client.earn("ada", 10, reason="purchase", request_id="once")
        with suppress(Refused):
            client.burn("ada", 500, reason="voucher")
        greet(served, "hello", "r1")
        greet(served, "rude", "r2")
        for number in range(FAILURES_MAX):
            greet(served, "crash", f"c{number}")
        count(served)
        yield address


@contextmanager
def showing(url: str) -> Iterator[tuple[Served, str]]:
    """Yields a server, and where it shows its metrics."""
    with ExitStack() as ending:
        for _ in range(ATTEMPTS):
            address = free_address()
            serving = running_served(
                url, greeter.host(), ServingOptions(metrics=address)
            )
            # Somebody may take the address before the server does.
            with suppress(CannotListen):
                served = ending.enter_context(serving)
                break
        yield served, address


def greet(served: Served, how: str, request_id: str) -> None:
    """Greets Ada, whatever the answer is: but there has to be one.

    A call is counted before its answer is sent, under the code that it has: one that
    the caller gave up would be counted as that.
    """
    request = GreetRequest(member_id="ada", request_id=request_id, how=how)
    try:
        _call(served, "Greet", request)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            raise


def count(served: Served) -> None:
    """Asks how often Ada was greeted."""
    _call(served, "Count", CountRequest(member_id="ada"))


def _call(served: Served, method: str, request: Any) -> None:
    multi = served.channel.unary_unary(
        f"/{greeter.SERVICE}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=greeter.Greetings.FromString,
    )
    multi(request, timeout=60)


Samples = dict[str, dict[frozenset[str], float]]


@pytest.fixture(scope="module")
def samples(address: str) -> Samples:
    """Returns all samples by name and the values of their labels."""
    with urlopen(f"http://{address}/metrics", timeout=60) as found:
        text = found.read().decode()
    every: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = frozenset(sample.labels.values())
            every.setdefault(sample.name, {})[labels] = sample.value
    return every


def test_calls_are_counted_by_method_and_code(samples: Samples) -> None:
    handled = samples["grpc_server_handled_total"]

    assert handled[frozenset({"unary", LEDGER, "Earn", "OK"})] == 2
    assert handled[frozenset({"unary", LEDGER, "Burn", "FAILED_PRECONDITION"})] == 1
    greets = {"unary", greeter.SERVICE, "Greet"}
    assert handled[frozenset({*greets, "OK"})] == 1
    assert handled[frozenset({*greets, "PERMISSION_DENIED"})] == 1
    assert handled[frozenset({*greets, "INTERNAL"})] == FAILURES_MAX, handled


def test_the_time_of_calls_is_shown_in_classes(samples: Samples) -> None:
    earns = {"unary", LEDGER, "Earn"}
    name = "grpc_server_handling_seconds"

    assert samples[f"{name}_count"][frozenset(earns)] == 2
    assert samples[f"{name}_bucket"][frozenset({*earns, "+Inf"})] == 2
    assert 0 < samples[f"{name}_sum"][frozenset(earns)] < 10
    below = [samples[f"{name}_bucket"][frozenset({*earns, "10.0"})]]
    assert below == [2]


def test_commands_are_counted_by_their_answer(samples: Samples) -> None:
    answered = samples["points_commands_total"]

    assert answered[frozenset({"ACCEPTED"})] == 3
    assert answered[frozenset({"REPLAYED"})] == 1
    assert answered[frozenset({"INSUFFICIENT_POINTS"})] == 1
    assert answered[frozenset({"RUDE"})] == 1
    assert answered[frozenset({"INTERNAL"})] == FAILURES_MAX


def test_batches_and_the_queue_are_shown(samples: Samples) -> None:
    nothing: frozenset[str] = frozenset()

    commands = 3 + 1 + 1 + 1 + FAILURES_MAX
    assert samples["points_batch_commands_sum"][nothing] == commands
    assert samples["points_batch_seconds_count"][nothing] == commands
    assert samples["points_batch_seconds_sum"][nothing] > 0
    assert samples["points_batches_gave_way_total"][nothing] == 0
    assert samples["points_queue_commands"][nothing] == 0


def test_functions_of_plugins_are_shown_with_what_failed(samples: Samples) -> None:
    hook = frozenset({"greeter", f"{greeter.SERVICE}/Greet"})

    assert samples["points_plugin_call_seconds_count"][hook] == 2 + FAILURES_MAX
    assert samples["points_plugin_failures_total"][hook] == FAILURES_MAX
    assert samples["points_plugin_breaker_open"][hook] == 1


def test_the_state_of_each_plugin_is_shown(samples: Samples) -> None:
    assert samples["points_plugin_state"] == {
        frozenset({"greeter", "1.2", "ENABLED"}): 1,
        frozenset({"mute", "", "FAILED"}): 1,
    }


def test_a_server_does_not_start_where_its_metrics_cannot_be_shown(
    address: str, tmp_path: Path
) -> None:
    options = ServingOptions(metrics=address)

    with (
        pytest.raises(CannotListen, match=f"metrics on {address}"),
        running_served(f"sqlite:///{tmp_path}/points.db", greeter.host(), options),
    ):
        raise AssertionError
