"""Tokens: whose they are, and what is wrong with those that are refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import jwt
import pytest

from points.domain.refusals import Unauthenticated
from points.server.tokens import KeysWrong, Tokens, read_keys
from tests.server.keys import Issuer, write_keys


ISSUER = Issuer.make("one")
OTHER = Issuer.make("two")
HOUR = 3_600


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Returns a file with the issuer's key."""
    return write_keys(tmp_path / "keys.json", ISSUER)


def test_a_token_tells_who_calls_and_what_it_may_do(keys: Path) -> None:
    caller = Tokens(keys, audience="points").caller(ISSUER.token("read plugin.wheel"))

    assert caller.name == "shop"
    assert caller.scopes == {"read", "plugin.wheel"}


NO_GOOD: Final[dict[str, tuple[Callable[[], str], str]]] = {
    "of another key": (
        lambda: OTHER._replace(name="one").token(),
        "Signature verification failed",
    ),
    "of an unknown key": (OTHER.token, "unknown key"),
    "expired": (lambda: ISSUER.token(exp=int(time.time()) - HOUR), "has expired"),
    "endless": (lambda: ISSUER.token(exp=float("inf")), "no good"),
    "for ever": (lambda: ISSUER.token(exp=None), '"exp" claim'),
    "of nobody": (lambda: ISSUER.token(sub=None), '"sub" claim'),
    "for another service": (lambda: ISSUER.token(aud="shop"), "[Aa]udience"),
    "not valid yet": (
        lambda: ISSUER.token(nbf=int(time.time()) + HOUR),
        "not yet valid",
    ),
    "rubbish": (lambda: "rubbish", "Not enough segments"),
    "empty": (lambda: "", "Not enough segments"),
    "unsigned": (lambda: forged("", "none"), "alg"),
    "signed with a secret": (lambda: forged("x" * 64, "HS256"), "alg"),
}


def forged(key: str, algorithm: str) -> str:
    """Returns a token that says all that a good one does, signed otherwise."""
    claims = {"sub": "shop", "aud": "points", "exp": int(time.time()) + 300}
    return jwt.encode(claims, key, algorithm, {"kid": ISSUER.name})


@pytest.mark.parametrize("name", NO_GOOD)
def test_a_token_that_is_no_good_is_refused(keys: Path, name: str) -> None:
    tokens = Tokens(keys, audience="points")
    token, why = NO_GOOD[name]

    with pytest.raises(Unauthenticated, match=why):
        tokens.caller(token())


def test_a_token_of_another_issuer_is_refused_where_one_is_named(keys: Path) -> None:
    tokens = Tokens(keys, audience="points", issuer="https://id.example")

    assert tokens.caller(ISSUER.token(iss="https://id.example")).name == "shop"
    for token in (ISSUER.token(), ISSUER.token(iss="https://else.example")):
        with pytest.raises(Unauthenticated):
            tokens.caller(token)


def test_a_token_that_was_good_expires(keys: Path) -> None:
    now = [time.time()]
    tokens = Tokens(keys, audience="points", clock=lambda: now[0])
    token = ISSUER.token()
    assert tokens.caller(token).name == "shop"

    now[0] += HOUR

    with pytest.raises(Unauthenticated, match="expired"):
        tokens.caller(token)


def test_keys_are_replaced_while_the_server_runs(keys: Path) -> None:
    now = [time.time()]
    tokens = Tokens(keys, audience="points", clock=lambda: now[0])
    old = ISSUER.token()
    assert tokens.caller(old)
    write_keys(keys, OTHER)

    with pytest.raises(Unauthenticated, match="unknown key"):
        tokens.caller(OTHER.token())  # It looks each ten seconds at most.
    now[0] += 10
    assert tokens.caller(OTHER.token()).name == "shop"
    with pytest.raises(Unauthenticated, match="unknown key"):
        tokens.caller(old)


def test_a_key_that_was_taken_away_is_good_no_more(keys: Path) -> None:
    now = [time.time()]
    write_keys(keys, ISSUER, OTHER)
    tokens = Tokens(keys, audience="points", clock=lambda: now[0])
    token = OTHER.token()
    assert tokens.caller(token)
    write_keys(keys, ISSUER)
    now[0] += 10

    with pytest.raises(Unauthenticated, match="unknown key"):
        tokens.caller(token)


def test_the_only_key_may_be_replaced_though_it_has_no_name(keys: Path) -> None:
    now = [time.time()]
    before, after = (each._replace(name="") for each in (ISSUER, OTHER))
    tokens = Tokens(write_keys(keys, before), audience="points", clock=lambda: now[0])
    assert tokens.caller(before.token()).name == "shop"
    write_keys(keys, after)
    now[0] += 10

    assert tokens.caller(after.token()).name == "shop"


def test_a_half_written_file_leaves_the_keys_that_are_known(keys: Path) -> None:
    now = [time.time()]
    tokens = Tokens(keys, audience="points", clock=lambda: now[0])
    keys.write_text('{"keys": [')
    now[0] += 10

    with pytest.raises(Unauthenticated, match="unknown key"):
        tokens.caller(OTHER.token())

    assert tokens.caller(ISSUER.token()).name == "shop"


def secret() -> str:
    """Returns a set of keys whose only one is a shared secret."""
    key = {"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"}
    return json.dumps({"keys": [key]})


def private() -> str:
    """Returns a set of keys with a private one."""
    algorithm = jwt.get_algorithm_by_name("ES256")
    return json.dumps({"keys": [json.loads(algorithm.to_jwk(ISSUER.key))]})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("rubbish", "no JSON Web Key Set"),
        ("[]", "no JSON Web Key Set"),
        ('{"keys": []}', "no JSON Web Key Set"),
        (secret(), "is for HS256"),
        (private(), "a private one"),
    ],
)
def test_keys_that_are_no_good_are_named(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)

    with pytest.raises(KeysWrong, match=what):
        read_keys(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysWrong, match=r"none\.json: No such file"):
        read_keys(tmp_path / "none.json")
