"""What of a command may be personal, and how its fingerprint does not tell.

Metadata and attributes are erased with their member, but a fingerprint stays in the
chain for ever: who has the ledger could try attributes until one fits. So the
fingerprint of what may be personal is salted, and the salt is erased with the rest;
what is left tells the command by all that is not personal.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final

from points.domain.activities import Item
from points.domain.commands.base import NOTHING, Command
from points.domain.values import Record


_SALTED: Final = "salted:"
"""Begins a fingerprint of two digests, the first salted; others are digits alone.

Records of before the second was written have the first only.
"""

_PAIRS: Final = ("metadata", "attributes")


def is_personal(command: Command) -> bool:
    """Says whether a command tells metadata or attributes, be it of an item."""
    # Written out, for it is asked of every command.
    if getattr(command, "metadata", None) or getattr(command, "attributes", None):
        return True
    items = getattr(command, "items", ())
    return bool(items) and any(item.attributes for item in items)


def impersonal(command: Command) -> Command:
    """Returns the command without what may be personal."""
    plain: dict[str, Any] = dict.fromkeys(_pairs_of(command), NOTHING)
    items: tuple[Item, ...] = getattr(command, "items", ())
    if items:
        plain["items"] = tuple(item._replace(attributes=NOTHING) for item in items)
    return replace(command, **plain)


def salted(command: Command, fingerprint: str, salt: str) -> str:
    """Returns what tells a personal command again: all of it, and what stays.

    The first digest is that of the whole command, which only who has the salt can
    make again; the other one is of the command without what may be personal.
    """
    own = _digest(fingerprint, salt)
    return f"{_SALTED}{own}:{_impersonal_fingerprint(command)}"


def is_same(record: Record, command: Command, fingerprint: str) -> bool:
    """Says whether a record is of such a command, which has this fingerprint.

    Once its member was erased, what was personal is taken as the same, and all of it
    where the record has no more than the salted digest.
    """
    if not record.fingerprint.startswith(_SALTED):
        told = record.fingerprint
        return told == fingerprint or told in command.fingerprints_then()
    own, _, plain = record.fingerprint.removeprefix(_SALTED).partition(":")
    if record.salt:
        return own == _digest(fingerprint, record.salt)
    return not plain or plain == _impersonal_fingerprint(command)


def _impersonal_fingerprint(command: Command) -> str:
    """Returns the fingerprint of the command without what may be personal."""
    if getattr(command, "items", ()):
        return impersonal(command).fingerprint()
    # Most have pairs alone: those are left out without a copy of all the rest.
    return command.fingerprint_without(_pairs_of(command))


def _pairs_of(command: Command) -> list[str]:
    return [name for name in _PAIRS if getattr(command, name, None)]


def _digest(fingerprint: str, salt: str) -> str:
    return blake2b(fingerprint.encode(), key=salt.encode(), digest_size=16).hexdigest()
