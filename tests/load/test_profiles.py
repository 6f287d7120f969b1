"""Each load profile leaves behind what its tags say, sent with or without ghz."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import grpc
import pytest

from points.client import PointsClient
from tests.load.accounting import Account
from tests.load.calling import sender
from tests.load.prepare import new_holds, prepare, prepare_plugins
from tests.load.profiles import load_profile, profile_names
from tests.load.sending import serving


CALLS = 20
FEW_PARTS = "--parts=4"  # to prove a ledger takes a while for each of its parts
STREAMS = frozenset({"watch"})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Returns the address of a server with the members that the profiles need."""
    folder = tmp_path_factory.mktemp("load")
    with serving(f"sqlite:///{folder / 'points.db'}", folder, FEW_PARTS) as found:
        with PointsClient(found) as client, grpc.insecure_channel(found) as channel:
            prepare(client)
            prepare_plugins(channel, member_count=CALLS)
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


@pytest.mark.parametrize("name", sorted(set(profile_names()) - STREAMS))
def test_a_profile_leaves_one_transaction_for_each_call_that_was_accepted(
    client: PointsClient, channel: grpc.Channel, name: str
) -> None:
    profile = load_profile(name)
    requests = [profile.request(number) for number in range(CALLS)]
    if name == "capture-hold":
        requests = new_holds(client, 0, CALLS)
    account = Account.open(client)

    accepted = sum(map(sender(channel, profile), requests))

    assert account.problems(profile, accepted, len(requests)) == []


def test_a_call_that_leaves_nothing_behind_is_found(client: PointsClient) -> None:
    account = Account.open(client)

    assert account.problems(load_profile("earn"), 1, 2) == [
        "0 EARN where 1 are due",
        "1 refused where 0 are due",
    ]


@pytest.mark.parametrize(
    ("refused", "turned_away", "expected"),
    [
        (10, 0, []),
        (9, 0, ["9 refused where 10 are due"]),
        (9, 1, []),
        (10, 5, []),
        (11, 5, ["11 refused where 10 are due"]),
        (8, 1, ["8 refused where 10 are due"]),
    ],
)
def test_calls_that_were_turned_away_may_be_those_that_were_to_be_refused(
    client: PointsClient, refused: int, turned_away: int, expected: list[str]
) -> None:
    account = Account.open(client)
    profile = replace(load_profile("refusals"), records=0)
    accepted = 100 - refused - turned_away

    assert account.problems(profile, accepted, 100, turned_away=turned_away) == expected
