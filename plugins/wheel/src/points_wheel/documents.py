"""What is kept of members and wheels: typed documents, part of the ledger's records.

Structs, for each spin makes four of them: a frozen dataclass takes several times as
long to make, and longer to write and to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct, field

from points.plugin import Collection, Owner
from points_wheel.odds import PityState
from points_wheel.prizes import Scope
from points_wheel.tallies import Count, Tally


_NUMBER_MAX: Final = 10**12
_SPIN_BYTES_MAX: Final = 1 << 20


class SeedInUse(Struct, frozen=True, kw_only=True):
    """Is the seed that a member's draws come from.

    `secret` is the server seed, sealed with the key of the id `key_id`, or as it is
    where that is empty. `nonce` is that of the next draw.
    """

    number: int
    commitment: str
    secret: bytes
    key_id: str
    client_seed: str
    commit_time: int
    program_version: int
    nonce: int = 0


class OpenCard(NamedTuple):
    """Is a card that waits to be scratched, until before `lapse_time`."""

    spin_number: int
    draw_index: int
    lapse_time: int


class Player(Struct, frozen=True, kw_only=True):
    """Is what all draws of a member read and move, so that one document has it all.

    `spins` are those won and not used, by wheel, `overused` those that were used and
    whose win was taken back since. The first `pruned_count` spins are removed; at
    `prune_time` more are looked for, 0 where that is not due. `has_away` tells that
    some counts for good were put away since it had them.
    """

    seed: SeedInUse | None = None
    seed_count: int = 0
    spin_count: int = 0
    pity: Mapping[str, PityState] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    spins: Mapping[str, int] = field(default_factory=dict)
    overused: Mapping[str, int] = field(default_factory=dict)
    cards: tuple[OpenCard, ...] = ()
    pruned_count: int = 0
    prune_time: int = 0
    has_away: bool = False


class Lifetime(NamedTuple):
    """Is a count for good of a member that was put away."""

    name: str
    used: int


class Shared(Struct, frozen=True, kw_only=True):
    """Is what all members, or those of a group of devices, have drawn together.

    `has_away` tells that some stocks of a wheel were put away since it had them.
    """

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    has_away: bool = False


class RetiredSeed(Struct, frozen=True, kw_only=True):
    """Is a seed that was ended at an instant, with its secret in hexadecimal."""

    number: int
    commitment: str
    server_seed: str
    client_seed: str
    draws: int
    end_time: int = 0


class Winner(NamedTuple):
    """Is who has won a prize that is announced, as everybody is told."""

    masked_id: str
    prize_id: str
    draw_time: int


class StoredDraw(Struct, frozen=True, kw_only=True):
    """Is one draw as it was recorded; `vector` says which of the spin's weights.

    `state` is GIVEN, HIDDEN, CLAIMABLE, CLAIMED or VOIDED; `deadline_time` is until
    when it has to be scratched or claimed, 0 for other prizes.
    """

    nonce: int
    prize_id: str
    payment: str
    roll: str
    vector: int
    position: int
    cell: int
    symbols: tuple[str, ...]
    inputs: str
    pity: Mapping[str, PityState]
    stock: Mapping[str, int]
    counts: tuple[Count, ...]
    state: str
    deadline_time: int = 0


class StoredSpin(Struct, frozen=True, kw_only=True):
    """Is a spin as it was recorded: everything that it can be proved from.

    `weights` are decimal, since pity may make them long. `transaction_ids` are what
    it did to the ledger: costs first, then prizes. `pity_before` and `pity_after` are
    those of the wheel's groups. `group_id` is that of the devices that it counted with.
    `given_to` got what still waited of it, when its member was merged into that one.
    """

    number: int
    wheel_id: str
    spin_time: int
    odds_version: str
    program_version: int
    seed_number: int
    commitment: str
    outcomes: tuple[str, ...]
    weights: tuple[tuple[str, ...], ...]
    draws: tuple[StoredDraw, ...]
    cost_unit: str
    cost_points: int
    transaction_ids: tuple[str, ...]
    pity_before: Mapping[str, PityState]
    pity_after: Mapping[str, PityState]
    is_voided: bool = False
    group_id: str = ""
    given_to: str = ""


def _with_scopes(tree: Any) -> Any:
    """Returns version 2 of a spin: its counts said only whether all share them."""
    draws = [
        {
            **draw,
            "counts": [
                [Scope.POOL if is_shared else Scope.MEMBER, *rest]
                for is_shared, *rest in draw["counts"]
            ],
        }
        for draw in tree["draws"]
    ]
    return {**tree, "draws": draws}


# A thousand cards, and a thousand counts with the longest names.
PLAYER: Final = Collection(name="player", type=Player, bytes_max=1 << 18)
LIFETIME: Final = Collection(name="lifetime", type=Lifetime, read_ahead=False)
SPIN: Final = Collection(
    name="spin",
    type=StoredSpin,
    version=2,
    upgrades={1: _with_scopes},
    bytes_max=_SPIN_BYTES_MAX,
    # What is logged is written with each spin, and seldom looked at.
    read_ahead=False,
)
SEED: Final = Collection(name="seed", type=RetiredSeed, read_ahead=False)
WINNER: Final = Collection(
    name="winner", type=Winner, owner=Owner.OBJECT, read_ahead=False
)
GROUP: Final = Collection(name="group", type=Shared, owner=Owner.OBJECT)
# Prizes that come and go by the day leave counts of a month behind.
SHARED: Final = Collection(
    name="shared", type=Shared, owner=Owner.OBJECT, bytes_max=1 << 18
)
AWAY: Final = Collection(name="away", type=Shared, owner=Owner.OBJECT, read_ahead=False)


def spin_key(number: int) -> str:
    """Returns the key of a spin: the latest one is the first in the order of keys."""
    return f"{_NUMBER_MAX - number:012d}"


def seed_key(number: int) -> str:
    """Returns the key of a seed."""
    return f"{number:012d}"
