"""Page tokens: opaque, and bound to the arguments of the list they belong to."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message

from points.domain.bounds import NEVER, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX
from points.domain.refusals import InvalidArgument, PageTokenInvalid


Item = TypeVar("Item")
Written = TypeVar("Written", bound=Message)

_NOT_BOUND: Final = ("page_token", "page_size", "consistency")
_DIGEST_BYTES: Final = 12

_PAGE_BYTES_MAX: Final = 3_000_000
"""Most bytes of the items on a page: clients accept 4 MiB by default."""


def page_size_of(request: Any) -> int:
    """Returns how many items to list; raises InvalidArgument if it is negative."""
    if request.page_size < 0:
        raise InvalidArgument({"page_size": "must not be negative"})
    return min(request.page_size or PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)


def read_token(request: Any, *, start: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns where the page begins: `start` without a token.

    Raises PageTokenInvalid for a token of another list or of other arguments, and for
    one that no list has written: the digest has no key, so anybody can make it fit.
    """
    if not request.page_token:
        return start
    try:
        raw = urlsafe_b64decode(request.page_token.encode("ascii"))
    except ValueError:
        raise PageTokenInvalid from None
    digest, place = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
    if digest != _digest(request, place):
        raise PageTokenInvalid
    return _place(place, start)


def _place(written: bytes, start: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns the place in a token; raises PageTokenInvalid for none like `start`."""
    try:
        place = json.loads(written)
    except (ValueError, RecursionError):
        raise PageTokenInvalid from None
    if not isinstance(place, list) or list(map(type, place)) != list(map(type, start)):
        raise PageTokenInvalid
    if not all(map(_may_be_stored, place)):
        raise PageTokenInvalid
    return tuple(place)


def _may_be_stored(value: str | int) -> bool:
    if isinstance(value, int):
        return -NEVER <= value <= NEVER
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


def write_token(request: Any, place: Sequence[Any]) -> str:
    """Returns the token of the page behind `place`."""
    raw = json.dumps(place, separators=(",", ":")).encode()
    return urlsafe_b64encode(_digest(request, raw) + raw).decode("ascii")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Written]):
    """Is a page as messages, and its last item if there is more behind it."""

    messages: list[Written]
    last: Item | None


def cut(
    items: Sequence[Item], size: int, write: Callable[[Item], Written]
) -> Page[Item, Written]:
    """Returns the page that begins with the first item.

    `items` holds one more than a page where there is more. A page ends early
    before it grows beyond what clients accept by default.
    """
    messages: list[Written] = []
    taken = 0
    for item in items[:size]:
        message = write(item)
        taken += message.ByteSize()
        if messages and taken > _PAGE_BYTES_MAX:
            break
        messages.append(message)
    count = len(messages)
    return Page(messages, items[count - 1] if len(items) > count else None)


def _digest(request: Message, place: bytes) -> bytes:
    """Returns what binds a place to the arguments of its list."""
    bound = type(request)()
    bound.CopyFrom(request)
    for field in _NOT_BOUND:
        bound.ClearField(field)
    content = bound.SerializeToString(deterministic=True)
    name = request.DESCRIPTOR.full_name.encode()
    parts = b"\0".join([name, len(content).to_bytes(4), content, place])
    return blake2b(parts, digest_size=_DIGEST_BYTES).digest()
