"""What pools have ends without them: under another program, and of many at once."""

from __future__ import annotations

from typing import Final

import pytest

from points.store.opening import Store
from tests.clock import Clock
from tests.engine.build import engine_under
from tests.engine.build_pools import NAMES, done, purchase, set_pool
from tests.engine.test_pool_earners import COUNTED, ended, gathered, ways


pytestmark = pytest.mark.usefixtures("whole_books")

POOLS: Final = COUNTED[COUNTED.index("pools:") : COUNTED.index("ladders:")]
MANY: Final = tuple(f"worker-{number}" for number in range(40))
"""Members in more parts than two batches would lock one by one."""


@ways
def test_a_share_ends_though_there_are_no_pools_any_more(
    store: Store, clock: Clock, *, is_swept: bool
) -> None:
    with engine_under(COUNTED, NAMES, store, clock) as running:
        done(running, set_pool())
        done(running, purchase())
    with engine_under(COUNTED.replace(POOLS, ""), (), store, clock) as running:
        ended(running, clock, "acme", is_swept=is_swept)

        assert (gathered(running, "acme"), gathered(running, "ada")) == (0, 3)


def test_shares_of_many_end_together_without_a_batch_for_each(
    store: Store, clock: Clock
) -> None:
    with engine_under(COUNTED, (*NAMES, *MANY), store, clock) as running:
        for name in MANY:
            done(running, set_pool(member_id=name))
            done(running, purchase(member_id=name))
        before = sum(running.writer.tally.batch_seconds.counts)
        ended(running, clock, "acme", is_swept=True)
        batches = sum(running.writer.tally.batch_seconds.counts) - before

        assert batches <= 4
        assert {gathered(running, name) for name in MANY} == {3}
        assert gathered(running, "acme") == 0
