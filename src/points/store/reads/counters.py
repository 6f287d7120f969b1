"""Shared counters beside the writer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select, tuple_

from points.domain.counters import Counter
from points.store.reads.fetcher import Fetcher
from points.store.schema import counter
from points.store.texts.rows import Row, counter_of


_KEYS: Final[Any] = bindparam("keys", expanding=True)
_COUNTERS: Final = select(counter).where(
    tuple_(counter.c.part, counter.c.name, counter.c.start_time).in_(_KEYS)
)


class CounterReads(Fetcher):
    """Reads shared counters."""

    def counters(self, keys: Sequence[Row]) -> dict[Row, Counter]:
        """Returns those that have moved among (part, name, start_time)."""
        if not keys:
            return {}
        found = map(counter_of, self._all(_COUNTERS, keys=keys))
        return {each[:3]: each for each in found}
