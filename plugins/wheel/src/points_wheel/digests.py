"""Digests of what was drawn from: the same JSON, byte for byte, whoever writes it."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest_of(value: Any) -> str:
    """Returns the SHA-256 of a value as JSON: keys in order, no spaces, in ASCII."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
