"""Bearer tokens: JWTs that somebody else has issued, and the public keys to check them.

PyJWT does the checking. What it costs is paid once for each token: callers send the
same one until it expires.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jwt

from points.domain.refusals import Unauthenticated


ALGORITHMS: Final = frozenset(
    {"ES256", "ES384", "EdDSA", "PS256", "PS384", "RS256", "RS384"}
)
"""What tokens may be signed with: a shared secret could sign, too, so none of those."""

LEEWAY_SECONDS: Final = 30
"""How far the clocks of the issuer and of this server may differ."""

_TOKENS_KEPT: Final = 4_096
_LOOK_SECONDS: Final = 10.0


class KeysWrong(Exception):  # noqa: N818 - says what is wrong
    """The file of keys cannot be read, or is no set of public keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Is who calls, and what it may do until an instant in seconds since 1970."""

    name: str
    scopes: frozenset[str]
    expire_seconds: float


class Tokens:
    """Tells the callers of tokens; used by the event loop alone.

    The file of keys is looked at each ten seconds, and read again if it has changed:
    keys are added and taken away while the server runs.
    """

    def __init__(
        self,
        keys_file: Path,
        *,
        audience: str,
        issuer: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys_file = keys_file
        self._audience = audience
        self._issuer = issuer
        self._clock = clock
        self._changed = _change_of(keys_file)
        self._keys = read_keys(keys_file)
        self._looked = clock()
        self._known: dict[str, Caller] = {}

    def caller(self, token: str) -> Caller:
        """Returns who sends a token; raises Unauthenticated for one that is no good."""
        self._look()
        known = self._known.get(token)
        if known is None:
            known = self._checked(token)
            if len(self._known) >= _TOKENS_KEPT:
                self._known.clear()
            self._known[token] = known
        if known.expire_seconds + LEEWAY_SECONDS <= self._clock():
            raise Unauthenticated("the token has expired")
        return known

    def _checked(self, token: str) -> Caller:
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer or None,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired") from None
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise Unauthenticated(f"the token is no good: {error}") from None
        scopes = claims.get("scope")
        names = scopes.split() if isinstance(scopes, str) else ()
        return Caller(str(claims["sub"]), frozenset(names), float(claims["exp"]))

    def _key(self, name: object) -> jwt.PyJWK:
        """Returns the key of a name; the only one there is for a token without one."""
        found = _named(self._keys, name)
        if found is None:
            raise Unauthenticated("the token is signed with an unknown key")
        return found

    def _look(self) -> None:
        """Reads the keys again if it is time to, and they have changed."""
        now = self._clock()
        if now < self._looked + _LOOK_SECONDS:
            return
        self._looked = now
        changed = _change_of(self._keys_file)
        if changed != self._changed and self._read_again():
            self._changed = changed

    def _read_again(self) -> bool:
        try:
            self._keys = read_keys(self._keys_file)
        except KeysWrong:
            # It may be half written: those that are known are good.
            return False
        self._known.clear()
        return True


def read_keys(path: Path) -> Mapping[str, jwt.PyJWK]:
    """Returns the public keys of a JSON Web Key Set by name; raises KeysWrong."""
    try:
        found = jwt.PyJWKSet.from_json(path.read_text(encoding="utf-8")).keys
    except OSError as error:
        raise KeysWrong(f"{path}: {error.strerror}") from None
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
        raise KeysWrong(f"{path} is no JSON Web Key Set: {error}") from None
    for key in found:
        _check_public(path, key)
    return {key.key_id or "": key for key in found}


def _change_of(path: Path) -> tuple[int, ...]:
    """Returns what differs once a file is another one; nothing if there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _check_public(path: Path, key: jwt.PyJWK) -> None:
    name = key.key_id or "without a name"
    if key.algorithm_name not in ALGORITHMS:
        raise KeysWrong(f"{path}: key {name} is for {key.algorithm_name}")
    if hasattr(key.key, "private_bytes"):
        raise KeysWrong(f"{path}: key {name} is a private one, which stays elsewhere")


def _named(keys: Mapping[str, jwt.PyJWK], name: object) -> jwt.PyJWK | None:
    if name is None and len(keys) == 1:
        return next(iter(keys.values()))
    return keys.get(name) if isinstance(name, str) else None
