"""Amounts of sealed bids where they are stored: nothing to read without the key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.auction.tests.build import HOUR
from plugins.auction.tests.house import SEALED_FIRST, SEALED_SECOND, House
from pydantic import ValidationError

from points.domain.documents import object_home
from points.domain.identity import part_of
from points.engine.plugins.keys import NO_KEYS, Keyring
from points.engine.plugins.requests import call_of
from points.store.reads.reader import open_snapshot
from points.testing.bench import PARTS, Bench, with_request_id
from points_auction.bids import commitment_of
from points_auction.messages import duration
from points_auction.sealing import KeyMissing, seal, unseal
from points_auction.settings import Settings
from points_auction.terms import POINTS_MAX
from points_auction.v1 import auction_service_pb2 as pb


KEY, OTHER = "11" * 32, "22" * 32
SALT = bytes(16)


@settings(deadline=None)
@given(points=st.integers(1, POINTS_MAX), nonce=st.binary(min_size=12, max_size=12))
def test_an_amount_opens_for_its_own_bid_alone(points: int, nonce: bytes) -> None:
    key, other = bytes.fromhex(KEY), bytes.fromhex(OTHER)
    stored = seal(points, key, owner="vase:ann", nonce=nonce)

    assert unseal(stored, [other, key], owner="vase:ann") == points
    assert len(stored.secret) == len(seal(1, key, owner="x", nonce=nonce).secret)
    with pytest.raises(KeyMissing):
        unseal(stored, [other], owner="vase:ann")
    with pytest.raises(Exception, match=r"^$"):  # the cipher does not say why
        unseal(stored, [key], owner="vase:bob")


def stored(house: House) -> str:
    """Returns all documents of the auction's bidders, as the database has them."""
    part = part_of(object_home("auction", house.auction_id), PARTS)
    place = (part, "auction", "bidder", house.auction_id)
    with open_snapshot(house.bench.engine.store.backend) as snapshot:
        return str([each.body for each in snapshot.all_documents(place)])


def test_no_amount_stands_in_the_database_before_the_close(house: House) -> None:
    house.bench.configure("auction", {"bid_keys": [KEY]})
    house.create(SEALED_SECOND, withdrawable=True)
    house.bid("ann", 317)
    house.bid("bob", 419)
    house.bid("bob", 411)
    house.bid("cem", 99)
    house.withdraw("cem")

    for amount in ("317", "419", "411", "99"):
        assert f'"{amount}"' not in stored(house)
        assert f",{amount}," not in stored(house)
        assert f"[{amount}," not in stored(house)
    found = house.close()
    assert [(one.member_id, one.points) for one in found.results] == [("bob", 317)]
    told = {one.member_id: one.points for one in house.bids().bids}
    assert told == {"ann": 317, "bob": 411, "cem": 0}


def test_a_revealed_bid_is_sealed_again_and_not_forfeited(house: House) -> None:
    house.bench.configure("auction", {"bid_keys": [KEY]})
    house.create(SEALED_FIRST, reveal=duration(HOUR), forfeit_points=50)
    for name, points in (("ann", 300), ("bob", 200)):
        house.bid(name, 0, commitment=bytes.fromhex(commitment_of(points, SALT)))
    house.bench.clock.advance(hours=1)
    for name, points in (("ann", 300), ("bob", 200)):
        house.bench.call(
            pb.RevealBidRequest(
                auction_id="vase", member_id=name, points=points, salt=SALT
            )
        )
    assert "300" not in stored(house)
    house.bench.clock.advance(hours=1)

    assert house.settle().paid_points == 300
    assert house.bench.available("bob") == 1_000


def test_keys_are_changed_by_putting_a_new_one_in_front(house: House) -> None:
    house.bench.configure("auction", {"bid_keys": [KEY]})
    house.create(SEALED_FIRST)
    house.bid("ann", 300)
    house.bench.configure("auction", {"bid_keys": [OTHER]})
    house.bid("bob", 200)
    house.bench.clock.advance(hours=1)
    with house.bench.refused("BID_KEY_MISSING"):
        house.bench.call(pb.SettleRequest(auction_id="vase"))
    assert house.all_held() == {"ann": 1_000, "bob": 1_000}

    house.bench.configure("auction", {"bid_keys": [OTHER, KEY]})
    house.bench.call(pb.SettleRequest(auction_id="vase"))
    assert house.settle().paid_points == 300
    assert house.all_held() == {}


@pytest.mark.parametrize("key", ["", "11", "zz" * 32, "11" * 33])
def test_what_is_no_key_is_refused_and_not_told(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"bid_keys": [key]})
    assert not key or key not in str(refused.value)


def test_the_servers_keys_seal_where_the_program_names_none(house: House) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 317)

    assert "317" not in stored(house)
    assert house.close().paid_points == 317


def test_without_any_key_no_sealed_auction_is_made_but_by_commitments(
    bench: Bench,
) -> None:
    bench.keyring = NO_KEYS
    bench.restart()
    house = House(bench)
    with bench.refused("BID_KEY_REQUIRED"):
        house.create(SEALED_FIRST)

    house.create(SEALED_FIRST, reveal=duration(HOUR))
    house.auction_id = "cup"
    house.create()


def test_a_server_without_the_keys_takes_no_sealed_bid_to_be_read(
    house: House,
) -> None:
    keys = house.bench.keyring
    house.create(SEALED_FIRST, withdrawable=True)
    house.bid("ann", 300)
    house.bid("bob", 250)
    house.bench.keyring = NO_KEYS
    house.bench.restart()
    held = house.all_held()

    for name in ("ann", "cem"):
        with house.bench.refused("BID_KEY_REQUIRED"):
            house.bid(name, 317)
    assert house.all_held() == held
    assert "317" not in stored(house)
    house.withdraw("bob")

    house.bench.keyring = keys
    house.bench.restart()
    house.bid("cem", 317)
    assert house.close().paid_points == 317


def test_bids_that_are_revealed_in_the_end_need_no_key(house: House) -> None:
    house.create(SEALED_FIRST, reveal=duration(HOUR))
    house.bench.keyring = NO_KEYS
    house.bench.restart()

    house.bid("ann", 0, commitment=bytes.fromhex(commitment_of(300, SALT)))
    house.bench.clock.advance(hours=1)
    house.bench.call(
        pb.RevealBidRequest(auction_id="vase", member_id="ann", points=300, salt=SALT)
    )
    house.bench.clock.advance(hours=1)
    assert house.settle().paid_points == 300


def test_bids_under_a_lost_key_can_be_called_off(house: House) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 300)
    house.bench.keyring = Keyring([bytes(32)])
    house.bench.restart()

    house.cancel()
    house.settle()
    assert house.bench.available("ann") == 1_000
    assert house.all_held() == {}


def test_no_amount_can_be_guessed_by_the_digest_of_its_request(house: House) -> None:
    house.create(SEALED_FIRST)
    request = with_request_id(house.bid_request("ann", 317))
    plugin, path, method = house.bench.method_of(request)
    guess = call_of(plugin, path, method, request).fingerprint()

    recorded = house.bench.execute(call_of(plugin, path, method, request))
    assert recorded.fingerprint != guess
    assert house.bench.execute(call_of(plugin, path, method, request)) == recorded


def test_a_repeated_request_is_known_by_any_key_that_the_server_has(
    house: House,
) -> None:
    old, new = bytes(32), bytes([1] * 32)
    house.create()
    house.bench.keyring = NO_KEYS
    house.bench.restart()
    first = with_request_id(house.bid_request("ann", 317))
    answer = house.bench.call_for_bytes(first)

    for keys in ([old], [new, old], [old, new], [new]):
        house.bench.keyring = Keyring(keys)
        house.bench.restart()
        assert house.bench.call_for_bytes(first) == answer

    house.bench.keyring = Keyring([old])
    house.bench.restart()
    second = with_request_id(house.bid_request("bob", 419))
    answer = house.bench.call_for_bytes(second)
    house.bench.keyring = Keyring([old, new])
    house.bench.restart()
    assert house.bench.call_for_bytes(second) == answer

    other = house.bid_request("bob", 421)
    other.request_id = second.request_id
    with house.bench.refused("REQUEST_ID_REUSED"):
        house.bench.call(other)
    # Whoever lacks the key cannot tell: several servers need the same.
    house.bench.keyring = Keyring([new])
    house.bench.restart()
    with house.bench.refused("REQUEST_ID_REUSED"):
        house.bench.call(second)
