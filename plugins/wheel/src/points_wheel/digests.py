"""Digests of what was drawn from: the same JSON, byte for byte, whoever writes it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final


# Made once: to make one takes as long as to write a draw.
_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def digest_of(value: Any) -> str:
    """Returns the SHA-256 of a value as JSON: keys in order, no spaces, in ASCII."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()
