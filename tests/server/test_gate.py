"""Who may call what: tokens with scopes, and certificates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from points.client import PointsClient, PointsError, Refused, batch_command
from points.server.serving import ServingOptions
from points.server.tokens import Tokens
from points.testing.served import Served, error_info, running_served
from points.v1.ledger_service_pb2 import ADJUST_DIRECTION_CREDIT
from tests.plugin import greeter
from tests.plugin.greeter import CountRequest, GreetRequest
from tests.server import build
from tests.server.keys import Authority, Certified, Issuer, write_keys


ISSUER = Issuer.make("one")
EVERYTHING = "read write operate plugin.*"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yields a server with the greeter that wants tokens."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    keys = write_keys(folder / "keys.json", ISSUER)
    options = ServingOptions(tokens=Tokens(keys, audience="points"))
    url = f"sqlite:///{folder}/points.db"
    with running_served(url, greeter.host(), options) as served:
        yield served


def as_caller(guarded: Served, scope: str, **claims: Any) -> PointsClient:
    """Returns a client with a token."""
    return PointsClient(guarded.address, token=ISSUER.token(scope, **claims))


def greeted(guarded: Served, method: str, scope: str) -> str:
    """Returns OK, or the reason why a method of the greeter was refused."""
    kind = CountRequest if method == "Count" else GreetRequest
    request = kind(member_id="ada")
    if method == "Greet":
        request.request_id = "once"
    multi = guarded.channel.unary_unary(
        f"/{greeter.SERVICE}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=greeter.Greetings.FromString,
    )
    metadata = (("authorization", f"Bearer {ISSUER.token(scope)}"),)
    try:
        multi(request, metadata=metadata, timeout=30)
    except grpc.RpcError as error:
        reason: str = error_info(error).reason
        return reason
    return "OK"


@pytest.fixture(scope="module")
def ada(guarded: Served) -> str:
    """Returns a member with 100 points."""
    with as_caller(guarded, EVERYTHING) as client:
        client.create_member("ada")
        client.earn("ada", 100, reason="purchase")
    return "ada"


def test_who_brings_no_token_is_refused(guarded: Served) -> None:
    with pytest.raises(Refused) as raised, PointsClient(guarded.address) as client:
        client.get_member("ada")

    assert raised.value.reason == "UNAUTHENTICATED"
    assert raised.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_what_is_no_bearer_token_is_refused(guarded: Served) -> None:
    multi: Any = guarded.channel.unary_unary("/points.v1.MemberService/GetMember")

    with pytest.raises(grpc.RpcError) as raised:
        multi(b"", metadata=(("authorization", "Basic YTpi"),), timeout=30)

    assert error_info(raised.value).reason == "UNAUTHENTICATED"


@pytest.mark.parametrize("scope", ["read", "write", "operate", "plugin.*", ""])
def test_a_token_opens_what_its_scope_says(
    guarded: Served, ada: str, scope: str
) -> None:
    def read(client: PointsClient) -> None:
        client.get_member(ada)

    def write(client: PointsClient) -> None:
        client.earn(ada, 1, reason="purchase")

    def operate(client: PointsClient) -> None:
        client.adjust(
            ada, 1, direction=ADJUST_DIRECTION_CREDIT, reason="mistake", operator="ann"
        )

    closed = []
    with as_caller(guarded, scope) as client:
        for do in (read, write, operate):
            try:
                do(client)
            except Refused as refused:
                closed.append((refused.reason, dict(refused.metadata)))

    assert closed == [
        ("PERMISSION_DENIED", {"caller": "shop", "scope": each})
        for each in ("read", "write", "operate")
        if each != scope
    ]


@pytest.mark.parametrize("method", ["Greet", "Count"])
@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("plugin.greeter", "OK"),
        ("plugin.*", "OK"),
        ("plugin.wheel", "PERMISSION_DENIED"),
        ("read write operate", "PERMISSION_DENIED"),
    ],
)
def test_what_a_plugin_serves_has_a_scope_of_its_own(
    guarded: Served, ada: str, method: str, scope: str, found: str
) -> None:
    assert ada
    assert greeted(guarded, method, scope) == found


def test_a_command_of_a_batch_needs_what_it_needs_alone(
    guarded: Served, ada: str
) -> None:
    adjust = build.adjust(ada)
    with as_caller(guarded, "write") as client:
        plain = client.batch_write([batch_command(build.earn(ada))])
        with pytest.raises(Refused, match="operate"):
            client.batch_write([batch_command(adjust)])
    with as_caller(guarded, "write operate") as client:
        client.batch_write([batch_command(adjust)])

    assert plain


def test_permission_comes_before_existence(guarded: Served) -> None:
    with as_caller(guarded, "read") as client, pytest.raises(Refused) as raised:
        client.burn("nobody", 1, reason="voucher")

    assert raised.value.reason == "PERMISSION_DENIED"


def test_the_operator_is_who_calls_where_none_is_named(
    guarded: Served, ada: str
) -> None:
    request = build.adjust(ada, operator="")
    with as_caller(guarded, "operate", sub="back-office") as client:
        answer = client.ledger.Adjust(request, timeout=30)

    assert answer.transaction.operator == "back-office"


def test_a_stream_is_guarded_like_a_call(guarded: Served, ada: str) -> None:
    assert ada
    with as_caller(guarded, "write") as client, pytest.raises(PointsError):
        next(iter(client.watch()))
    with as_caller(guarded, "read") as client:
        assert next(iter(client.watch()))


def test_the_log_line_says_who_called(
    guarded: Served, ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_caller(guarded, "read", sub="till-7") as client:
        client.get_member(ada)

    assert "till-7" in capsys.readouterr().out


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Returns who signs the certificates of server and callers."""
    return Authority()


@pytest.fixture(scope="module")
def encrypted(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[str]:
    """Yields the address of a server that wants certificates."""
    path: Path = tmp_path_factory.mktemp("encrypted") / "points.db"
    mine = authority.certify("server")
    credentials = grpc.ssl_server_credentials(
        [mine], root_certificates=authority.certificate, require_client_auth=True
    )
    options = ServingOptions(credentials=credentials)
    with running_served(f"sqlite:///{path}", greeter.host(), options) as served:
        yield served.address


def connected(
    address: str, authority: Authority, mine: Certified | None, *, seconds: float
) -> PointsClient:
    """Returns a client that encrypts, with a certificate or without one."""
    credentials = grpc.ssl_channel_credentials(authority.certificate, *(mine or ()))
    return PointsClient(address, credentials=credentials, timeout_seconds=seconds)


def test_who_has_a_certificate_is_answered(
    encrypted: str, authority: Authority
) -> None:
    mine = authority.certify("shop")
    with connected(encrypted, authority, mine, seconds=60) as client:
        client.create_member("ada")

        assert client.get_member("ada").member.member_id == "ada"


@pytest.mark.parametrize("mine", [None, Authority().certify("shop")])
def test_who_has_none_of_the_authority_gets_no_answer(
    encrypted: str, authority: Authority, mine: Certified | None
) -> None:
    with (
        connected(encrypted, authority, mine, seconds=3) as client,
        pytest.raises(PointsError),
    ):
        client.get_member("ada")


def test_a_token_that_is_asked_for_each_call_may_change(
    guarded: Served, ada: str
) -> None:
    scopes = ["", "read"]
    token = lambda: ISSUER.token(scopes.pop(0))  # noqa: E731 - it is what is passed
    with PointsClient(guarded.address, token=token) as client:
        with pytest.raises(Refused, match="read"):
            client.get_member(ada)

        assert client.get_member(ada).member.member_id == ada


def test_metadata_of_refusals_holds_no_token(guarded: Served) -> None:
    token = ISSUER.token("write")
    with (
        PointsClient(guarded.address, token=token) as client,
        pytest.raises(Refused) as raised,
    ):
        client.get_member("ada")

    assert token not in json.dumps([str(raised.value), raised.value.metadata])
