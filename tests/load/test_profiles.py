"""Each load profile leaves behind what its tags say, sent with or without ghz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass

from points.client import PointsClient
from tests.load.accounting import Account
from tests.load.prepare import open_holds, prepare
from tests.load.profiles import Profile, load_profile, profile_names
from tests.load.sending import serving


CALLS = 40
STREAMS = frozenset({"watch"})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Returns the address of a server with the members that the profiles need."""
    folder = tmp_path_factory.mktemp("load")
    with serving(f"sqlite:///{folder / 'points.db'}", folder) as found:
        with PointsClient(found) as client:
            prepare(client)
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[PointsClient]:
    """Returns a client of the server."""
    with PointsClient(address) as found:
        yield found


@pytest.fixture(scope="module")
def channel(address: str) -> Iterator[grpc.Channel]:
    """Returns a channel to the server, for calls of any service."""
    with grpc.insecure_channel(address) as found:
        yield found


def sender(channel: grpc.Channel, profile: Profile) -> Callable[[dict[str, Any]], bool]:
    """Returns a function that sends a request and says whether it was accepted."""
    service, _, name = profile.call.partition("/")
    method = Default().FindServiceByName(service).methods_by_name[name]
    call: Callable[..., bytes] = channel.unary_unary(f"/{profile.call}")
    request_class = GetMessageClass(method.input_type)

    def send(data: dict[str, Any]) -> bool:
        request = json_format.ParseDict(data, request_class())
        try:
            call(request.SerializeToString(), timeout=10)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
            return False
        return True

    return send


@pytest.mark.parametrize("name", sorted(set(profile_names()) - STREAMS))
def test_a_profile_leaves_one_transaction_for_each_call_that_was_accepted(
    client: PointsClient, channel: grpc.Channel, name: str
) -> None:
    profile = load_profile(name)
    requests = [profile.request(number) for number in range(CALLS)]
    if name == "capture-hold":
        hold = load_profile("place-hold")
        assert all(map(sender(channel, hold), map(hold.request, range(100, 140))))
        requests = open_holds(client, CALLS)
    account = Account.open(client)

    accepted = sum(map(sender(channel, profile), requests))

    assert account.problems(profile, accepted, len(requests)) == []


def test_a_call_that_leaves_nothing_behind_is_found(client: PointsClient) -> None:
    account = Account.open(client)

    assert account.problems(load_profile("earn"), 1, 2) == [
        "0 transactions where 1 are due",
        "1 refused calls where 0 are due",
    ]
