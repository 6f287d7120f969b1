"""What of a command may be personal, and how its fingerprint does not tell.

Metadata and attributes are erased with their member, but a fingerprint stays in the
chain for ever: who has the ledger could try attributes until one fits. So the
fingerprint of what may be personal is salted, and the salt is erased with the rest.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final

from points.domain.activities import Item
from points.domain.commands.base import NOTHING, Command
from points.domain.values import Record


_SALTED: Final = "salted:"
"""Begins a fingerprint that only its salt can tell; others are hexadecimal digits."""

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
    plain: dict[str, Any] = {
        name: NOTHING for name in _PAIRS if getattr(command, name, None)
    }
    items: tuple[Item, ...] = getattr(command, "items", ())
    if items:
        plain["items"] = tuple(item._replace(attributes=NOTHING) for item in items)
    return replace(command, **plain)


def salted(fingerprint: str, salt: str) -> str:
    """Returns the fingerprint as only who has the salt can tell it again."""
    digest = blake2b(fingerprint.encode(), key=salt.encode(), digest_size=16)
    return _SALTED + digest.hexdigest()


def is_same(record: Record, fingerprint: str) -> bool:
    """Says whether a record is of a request with this fingerprint.

    Of a request with personal data of a member who was erased nobody can tell any
    more: whatever it says now, its request id has an outcome that stays what it is.
    """
    if not record.fingerprint.startswith(_SALTED):
        return record.fingerprint == fingerprint
    is_told = bool(record.salt)
    return not is_told or record.fingerprint == salted(fingerprint, record.salt)
