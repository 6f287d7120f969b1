"""Cards, items and spins that are taken back."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import KEY, SECTION, Fair

from points.domain.commands import FreezeMember
from points_wheel import spinning
from points_wheel.v1 import wheel_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


pytestmark = ON_BOTH_DATABASES


def reveal(fair: Fair, spin: pb.Spin, index: int = 0) -> pb.RevealCardResponse:
    """Scratches a card."""
    request = pb.RevealCardRequest(member_id="alice", spin_id=spin.spin_id, index=index)
    answer: pb.RevealCardResponse = fair.bench.call(request)
    return answer


def claim(fair: Fair, spin: pb.Spin, index: int = 0) -> Any:
    """Claims an item."""
    request = pb.ClaimItemRequest(member_id="alice", spin_id=spin.spin_id, index=index)
    return fair.bench.call(request)


def test_a_card_hides_its_prize_until_it_is_scratched(fair: Fair) -> None:
    spin = fair.spin("cards", draws=2)
    assert [draw.prize_id for draw in spin.draws] == ["", ""]
    assert {draw.state for draw in spin.draws} == {pb.PRIZE_STATE_HIDDEN}
    assert fair.bench.available() == 990
    card = reveal(fair, spin, 1)
    assert card.draw.prize_id == "fifty"
    assert fair.bench.available() == 1_040
    with fair.bench.refused("CARD_REVEALED"):
        reveal(fair, spin, 1)
    with fair.bench.refused("CARD_UNKNOWN"):
        reveal(fair, spin, 2)
    with fair.bench.refused("SPIN_UNKNOWN"):
        reveal(fair, pb.Spin(spin_id="77"))


def test_no_more_cards_wait_than_fit_into_one_document(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spinning, "CARDS_MAX", 3)
    spin = fair.spin("cards", draws=2)
    with fair.bench.refused("CARDS_WAITING", left="1"):
        fair.spin("cards", draws=2)
    assert fair.bench.available() == 990
    reveal(fair, spin)
    fair.spin("cards", draws=2)
    fair.bench.advance(days=3)
    fair.spin("cards", draws=3)


def test_a_card_lapses_exactly_at_its_deadline(fair: Fair) -> None:
    spin = fair.spin("cards", draws=2)
    fair.bench.advance(days=3, microseconds=-1)
    reveal(fair, spin, 0)
    fair.bench.advance(microseconds=1)
    with fair.bench.refused("CARD_LAPSED"):
        reveal(fair, spin, 1)
    listed = fair.bench.call(pb.ListSpinsRequest(member_id="alice")).spins[0]
    assert [draw.state for draw in listed.draws] == [
        pb.PRIZE_STATE_GIVEN,
        pb.PRIZE_STATE_LAPSED,
    ]


def test_an_item_is_claimed_once_and_in_time(fair: Fair) -> None:
    first, second = fair.spin("items"), fair.spin("items")
    assert claim(fair, first).draw.state == pb.PRIZE_STATE_CLAIMED
    with fair.bench.refused("ITEM_CLAIMED"):
        claim(fair, first)
    with fair.bench.refused("ITEM_NONE"):
        claim(fair, fair.spin("grid"))
    with fair.bench.refused("CARD_HIDDEN"):
        claim(fair, fair.spin("cards"))
    fair.bench.advance(days=7)
    with fair.bench.refused("CLAIM_LAPSED"):
        claim(fair, second)


def test_a_frozen_member_neither_spins_nor_scratches_nor_claims(fair: Fair) -> None:
    item, card = fair.spin("items"), fair.spin("cards")
    freeze = FreezeMember(member_id="alice", request_id="f", reason="test")
    fair.bench.execute(freeze)
    for act in (
        lambda: fair.spin("items"),
        lambda: reveal(fair, card),
        lambda: claim(fair, item),
    ):
        with fair.bench.refused("MEMBER_INACTIVE"):
            act()


def test_a_void_takes_everything_back_but_the_nonces(fair: Fair) -> None:
    before = fair.wheel()
    spin = fair.spin(draws=20)
    voided = fair.void(spin)
    assert voided.spin.state == pb.SPIN_STATE_VOIDED
    assert fair.bench.available() == 1_000
    after = fair.wheel()
    assert after.seed.nonce == 20
    after.seed.CopyFrom(before.seed)
    assert after == before
    with fair.bench.refused("SPIN_VOIDED"):
        fair.void(spin)


def test_a_void_returns_stock(fair: Fair) -> None:
    spin = fair.spin("sure")
    assert fair.wheel("sure").prizes[0].stock_left == 0
    fair.void(spin)
    assert fair.wheel("sure").prizes[0].stock_left == 1
    assert fair.wheel("sure").limits[0].left == 3
    assert fair.bench.available() == 1_000


def test_pity_goes_back_only_where_nothing_moved_it_since(fair: Fair) -> None:
    first = fair.spin("banner")
    second = fair.spin("banner")
    assert not fair.void(first).is_pity_restored
    assert fair.void(second).is_pity_restored
    assert fair.wheel("banner").pity[0].count == 1


def test_pity_that_has_come_round_to_where_it_was_has_moved(fair: Fair) -> None:
    prize = {"id": "x", "weight": 1, "pity": ["g"]}
    rounds = {"prizes": [prize], "total": 10**9, "costs": [{"points": 1}]}
    pity = {"g": {"hard": 3}}
    section = {"seed_keys": [KEY], "pity": pity, "wheels": {"round": rounds}}
    fair.bench.configure("wheel", section)
    spins = [fair.spin("round") for _ in range(6)]
    won = [[draw.prize_id for draw in each.draws] for each in spins]
    assert won[2] == won[5] == ["x"]

    assert not fair.void(spins[2]).is_pity_restored
    assert fair.wheel("round").pity[0].count == 0
    assert fair.void(spins[5]).is_pity_restored
    assert fair.wheel("round").pity[0].count == 2


def test_a_spin_whose_item_was_claimed_stays(fair: Fair) -> None:
    spin = fair.spin("items")
    claim(fair, spin)
    with fair.bench.refused("ITEM_CLAIMED"):
        fair.void(spin)
    with fair.bench.refused("OPERATOR_MISSING"):
        fair.bench.call(pb.VoidSpinRequest(member_id="alice", spin_id=spin.spin_id))


def winning(fair: Fair, spins: int | None) -> None:
    """Has one wheel whose draws win so many spins."""
    prize = {"id": "x", "weight": 1, "spins": spins}
    wheel = {"prizes": [prize], "costs": [{"points": 1}]}
    fair.bench.configure("wheel", {"seed_keys": [KEY], "wheels": {"w": wheel}})


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_voids_of_a_won_spin_and_of_its_use_leave_none_in_either_order(
    fair: Fair, order: tuple[int, int]
) -> None:
    winning(fair, 1)
    won = fair.spin("w")
    winning(fair, None)
    used = fair.spin("w", payment=pb.PAYMENT_SPIN)
    for number in order:
        fair.void((won, used)[number])
    assert fair.wheel("w").spins == 0
    winning(fair, 3)
    fair.spin("w", payment=pb.PAYMENT_POINTS)
    assert fair.wheel("w").spins == 3


def test_a_used_spin_whose_win_was_taken_back_is_not_paid_with_another(
    fair: Fair,
) -> None:
    winning(fair, 2)
    first = fair.spin("w")
    winning(fair, None)
    used = fair.spin("w", draws=2, payment=pb.PAYMENT_SPIN)
    fair.void(first)
    winning(fair, 1)
    fair.spin("w", payment=pb.PAYMENT_POINTS)
    assert fair.wheel("w").spins == 1
    fair.void(used)
    assert fair.wheel("w").spins == 1


def test_cards_of_an_earlier_version_are_revealed_after_its_key_is_gone(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_WHEEL_KEY", "22" * 32)
    old = [{"$env": "OLD_WHEEL_KEY"}, KEY]
    fair.bench.configure("wheel", {**SECTION, "seed_keys": old})
    card, other, item = (
        fair.spin("cards", draws=2),
        fair.spin("cards"),
        fair.spin("items"),
    )
    fair.bench.configure("wheel", SECTION)
    monkeypatch.delenv("OLD_WHEEL_KEY")
    fair.bench.restart()

    assert reveal(fair, card, 1).draw.prize_id == "fifty"
    assert fair.void(other).spin.state == pb.SPIN_STATE_VOIDED
    reveal(fair, card, 0)
    fair.rotate()
    assert fair.verify(item).is_proved
    fair.bench.member("bob")
    fair.bench.merge("alice", "bob")


def test_the_program_in_force_is_not_read_without_its_key(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEEL_KEY", KEY)
    keys = [{"$env": "WHEEL_KEY"}]
    fair.bench.configure("wheel", {**SECTION, "seed_keys": keys})
    monkeypatch.delenv("WHEEL_KEY")
    fair.bench.restart()

    with fair.bench.refused("INTERNAL"):
        fair.spin("items")


def test_a_void_takes_open_cards_and_scratched_ones(fair: Fair) -> None:
    spin = fair.spin("cards", draws=2)
    reveal(fair, spin)
    fair.void(spin)
    assert fair.bench.available() == 1_000
    with fair.bench.refused("SPIN_VOIDED"):
        reveal(fair, spin, 1)
    fair.rotate()  # no card is open any more
