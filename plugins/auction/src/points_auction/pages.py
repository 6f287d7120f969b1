"""Pages of lists: how long one is, and where the next one begins."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final

from points.plugin import Refused
from points_auction.refusals import PAGE_TOKEN_MALFORMED


PAGE_SIZE: Final = 100
PAGE_SIZE_MAX: Final = 500


def size_of(page_size: int) -> int:
    """Returns how many a page has, by what was asked for."""
    return min(page_size, PAGE_SIZE_MAX) if page_size > 0 else PAGE_SIZE


def token_of(name: str) -> str:
    """Returns the token of the page behind a name."""
    return urlsafe_b64encode(name.encode()).decode()


def after(page_token: str) -> str:
    """Returns the name that a page begins behind; raises PAGE_TOKEN_MALFORMED."""
    try:
        name = b64decode(page_token, altchars=b"-_", validate=True).decode()
    except (Error, ValueError):
        raise Refused(PAGE_TOKEN_MALFORMED) from None
    if "\0" in name:
        # No name has one, and not every database takes it.
        raise Refused(PAGE_TOKEN_MALFORMED)
    return name
