"""The section `plugins.wheel` of the program: its wheels and their pity groups.

Frozen, with the keys it declares and no others. What cannot be disclosed exactly, or
could not be paid, is refused here, before it is ever in force.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from points_wheel.digests import digest_of
from points_wheel.disclosure import DIGITS_MAX
from points_wheel.odds import digits_max
from points_wheel.pools import Pool
from points_wheel.prizes import NAME, PityGroup


_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")


KEEP_DAYS_MIN: Final = 90
"""Fewest days that draws are kept: what the law asks for where it asks for any."""


SPIN_DIGITS_MAX: Final = 400_000
"""Most digits of all weights of a spin: with all else it is within its document."""


class WheelConfig(BaseModel):
    """Is all that the program says about wheels; a program need not name any.

    `seed_keys` are keys of 32 bytes in hexadecimal, given as `{"$env": NAME}`. They
    seal the server seeds where they are stored: the first one seals, all of them
    open. Those of the server come behind them; without any, seeds are stored as they
    are. Spins are removed `keep_days` after their seed was revealed, and a seed that
    its member does not end is ended as long after its commitment; where that is left
    out spins are kept for good.
    """

    # What is wrong with a key is told, but not the key.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    wheels: Mapping[NAME, Pool] = {}
    pity: Mapping[NAME, PityGroup] = {}
    seed_keys: tuple[SecretStr, ...] = ()
    keep_days: Annotated[int, Field(ge=KEEP_DAYS_MIN, le=36_500)] | None = None
    default_client_seed: Annotated[str, Field(min_length=1, max_length=64)] = "points"

    @field_validator("seed_keys")
    @classmethod
    def _check_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            if not _KEY.fullmatch(key.get_secret_value()):
                raise ValueError("a key is 64 digits of hexadecimal: 32 bytes")
        return keys

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        for name, pool in self.wheels.items():
            for group in pool.groups:
                if group not in self.pity:
                    raise ValueError(f"wheel {name}: there is no pity group {group}")
                pool.check_group(group, self.pity[group])
            self._check_digits(name, pool)
        return self

    def _check_digits(self, name: str, pool: Pool) -> None:
        """Raises ValueError if the weights of a spin may be too long to be told."""
        digits = digits_max(pool, self.groups_of(pool))
        spin = pool.draws_max * len(pool.outcomes) * digits
        if digits > DIGITS_MAX or spin > SPIN_DIGITS_MAX:
            raise ValueError(
                f"wheel {name}: its pity groups make weights of up to {digits} digits:"
                " give it fewer groups with soft or featured, a smaller total, fewer"
                " prizes, or fewer draws_max"
            )

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Returns the odds version of each wheel: the SHA-256 of all its rules."""
        return {name: self._version(pool) for name, pool in self.wheels.items()}

    def _version(self, pool: Pool) -> str:
        groups = {name: self.pity[name].model_dump(mode="json") for name in pool.groups}
        return digest_of({"pool": pool.model_dump(mode="json"), "pity": groups})

    @cached_property
    def groups(self) -> Mapping[str, Mapping[str, PityGroup]]:
        """Returns the pity groups of each wheel."""
        return {name: self.groups_of(pool) for name, pool in self.wheels.items()}

    def groups_of(self, pool: Pool) -> Mapping[str, PityGroup]:
        """Returns the pity groups of a wheel, in the order in which they apply."""
        return {name: self.pity[name] for name in self.pity if name in pool.groups}
