"""Seeds at rest: sealed with a key, opened with that key alone."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from points_wheel.sealing import KeyMissing, seal, unseal


OLD, NEW = bytes([1] * 32), bytes([2] * 32)
SEED = bytes(range(32))


def test_a_sealed_seed_does_not_show_and_opens_again() -> None:
    sealed = seal(SEED, [OLD], owner="alice", nonce=bytes(12))
    assert SEED not in sealed.secret
    assert unseal(sealed, [NEW, OLD], owner="alice") == SEED


def test_a_seed_does_not_open_without_its_key_or_for_another() -> None:
    sealed = seal(SEED, [OLD], owner="alice", nonce=bytes(12))
    with pytest.raises(KeyMissing):
        unseal(sealed, [NEW], owner="alice")
    with pytest.raises(InvalidTag):
        unseal(sealed, [OLD], owner="bob")


def test_without_a_key_a_seed_is_kept_as_it_is() -> None:
    kept = seal(SEED, [], owner="alice", nonce=bytes(12))
    assert kept == (SEED, "")
    assert unseal(kept, [], owner="alice") == SEED
