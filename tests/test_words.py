"""One word per concept: what vocabulary forbids does not come back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest


ROOT: Final = Path(__file__).parent.parent
FILES: Final = sorted(
    path
    for folder in ("src", "protos", "plugins")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".proto", ".md"} and "points/v1/" not in str(path)
) + sorted((ROOT / "protos").rglob("*.proto"))

FORBIDDEN: Final = {
    r"customers?": "member",
    r"wallets?": "account",
    r"buckets?": "account, or lot",
    r"tranches?": "lot",
    r"refunded": "reversed",
    r"rollback of points": "reverse",
    r"idempotency keys?": "request id",
    r"cron ?jobs?": "sweep",
    r"created_at|updated_at|expires_at": "create_time, update_time, expire_time",
}


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_word_is_not_used(word: str) -> None:
    pattern = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: say {FORBIDDEN[word]}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found
