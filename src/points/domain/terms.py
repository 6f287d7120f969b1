"""What a lot remembers of how it was earned: what it waits for, and how it expires.

The text stands in the column `expiry` and never changes. It is empty for most
lots: those usable from the start whose expiry is a known instant for good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.calendar.documents import format_policy, parse_policy
from points.domain.calendar.expiry import expire_time
from points.domain.calendar.periods import Period, parse_period
from points.domain.calendar.policies import AfterPeriod, Policy, Rounding


_TEXTS_MAX: Final = 4_096
"""Most texts that are remembered: programs have few policies, callers few periods."""

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Terms:
    """Is how a lot becomes usable and expires.

    `waits_for` names the event that activates it, until `cancel_time`; empty if it
    waits for none. It lives for `expire_after` from its activation on, or by the
    `policy` of its unit, or until `expire_time`: the first that there is.
    """

    waits_for: str = ""
    cancel_time: int = NEVER
    expire_time: int = NEVER
    expire_after: Period | None = None
    policy: Policy | None = None

    @property
    def runs(self) -> bool:
        """Says whether the expiry is counted from the activation."""
        return self.expire_after is not None or self.policy is not None

    def expire_time_from(
        self, activate_time: int, zone: ZoneInfo, member_create_time: int
    ) -> int:
        """Returns when the lot expires if it is activated then; NEVER if it does not.

        The last day counts to its end in the zone.
        """
        if self.expire_after is not None:
            policy: Policy = AfterPeriod(self.expire_after, Rounding.END_OF_DAY)
        elif self.policy is not None:
            policy = self.policy
        else:
            return self.expire_time
        return expire_time(policy, activate_time, zone, member_create_time)


NO_TERMS: Final = Terms()
"""Is what a lot without a text goes by."""


@lru_cache(maxsize=_TEXTS_MAX)
def write_terms(terms: Terms) -> str:
    """Returns the terms as text; empty for those that say nothing."""
    tree: dict[str, Any] = {}
    if terms.waits_for:
        tree["waits_for"] = terms.waits_for
    if terms.cancel_time != NEVER:
        tree["cancel_time"] = terms.cancel_time
    if terms.expire_time != NEVER:
        tree["expire_time"] = terms.expire_time
    if terms.expire_after is not None:
        tree["expire_after"] = str(terms.expire_after)
    if terms.policy is not None:
        tree["policy"] = format_policy(terms.policy)
    return _encode(tree) if tree else ""


@lru_cache(maxsize=_TEXTS_MAX)
def read_terms(text: str) -> Terms:
    """Returns the terms that `write_terms` wrote."""
    if not text:
        return NO_TERMS
    tree = json.loads(text)
    after, policy = tree.get("expire_after"), tree.get("policy")
    return Terms(
        waits_for=tree.get("waits_for", ""),
        cancel_time=tree.get("cancel_time", NEVER),
        expire_time=tree.get("expire_time", NEVER),
        expire_after=None if after is None else parse_period(after),
        policy=None if policy is None else parse_policy(policy),
    )
