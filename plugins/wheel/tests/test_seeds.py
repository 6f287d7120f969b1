"""Seeds: committed to before, used in order, revealed by rotation, and then proved."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from google.protobuf import json_format
from plugins.wheel.tests import reference
from plugins.wheel.tests.fair import KEY, Fair

from points.domain.commands import EraseMember, FreezeMember
from points_wheel.commands import verify
from points_wheel.v1 import wheel_service_pb2 as pb


def test_the_first_rotation_commits_and_reveals_nothing(fair: Fair) -> None:
    fair.bench.member("bob")
    answer = fair.rotate("bob", client_seed="lucky")
    assert not answer.HasField("revealed")
    assert answer.seed.number == 1
    assert answer.seed.client_seed == "lucky"
    assert answer.seed.is_sealed


def test_a_rotation_reveals_what_was_committed_to(fair: Fair) -> None:
    committed = fair.wheel().seed
    fair.spin("banner", draws=4)
    revealed = fair.rotate().revealed
    assert revealed.commitment == committed.commitment
    digest = hashlib.sha256(bytes.fromhex(revealed.server_seed)).hexdigest()
    assert digest == committed.commitment
    assert revealed.draws == 4
    assert fair.wheel().seed.client_seed == "alice"  # kept unless a new one is given


def test_a_revealed_seed_can_be_read_again_and_one_in_use_cannot(fair: Fair) -> None:
    revealed = fair.rotate().revealed
    found = fair.bench.call(pb.RevealSeedRequest(member_id="alice", number=1))
    assert found.seed == revealed
    with fair.bench.refused("SEED_IN_USE"):
        fair.bench.call(pb.RevealSeedRequest(member_id="alice", number=2))
    for number in (0, 3, -1):
        with fair.bench.refused("SEED_UNKNOWN"):
            fair.bench.call(pb.RevealSeedRequest(member_id="alice", number=number))


def test_who_only_asks_whether_it_would_do_is_told_no_draw_and_no_seed(
    fair: Fair,
) -> None:
    dry: dict[str, Any] = {"member_id": "alice", "validate_only": True}
    before = fair.wheel()
    rotated = fair.bench.call_for_bytes(pb.RotateSeedRequest(**dry))
    spun = fair.bench.call_for_bytes(pb.SpinRequest(wheel_id="banner", **dry))
    after = fair.wheel()
    card = fair.spin("cards")
    request = pb.RevealCardRequest(spin_id=card.spin_id, **dry)
    scratched = fair.bench.call_for_bytes(request)

    assert (rotated, spun, scratched) == (b"", b"", b"")
    assert after == before
    assert card.draws[0].nonce == 0


def test_nonces_are_used_once_and_in_order(fair: Fair) -> None:
    spins = [fair.spin("banner", draws=n) for n in (1, 3, 2)]
    nonces = [draw.nonce for spin in spins for draw in spin.draws]
    assert nonces == list(range(6))


def test_a_refused_spin_uses_no_nonce(fair: Fair) -> None:
    with fair.bench.refused("INSUFFICIENT_POINTS"):
        fair.player("poor", points=0)
        fair.spin("banner", "poor")
    assert fair.wheel("banner", "poor").seed.nonce == 0


def test_the_reference_draws_the_same_from_the_revealed_seed(fair: Fair) -> None:
    spin = fair.spin("grid", draws=20)
    seed = bytes.fromhex(fair.rotate().revealed.server_seed)
    for draw in spin.draws:
        roll = reference.uniform(seed, "alice", draw.nonce, 36)
        assert draw.position == reference.chosen(list(range(1, 9)), roll)


def test_a_client_seed_is_refused_if_it_could_be_taken_for_something_else(
    fair: Fair,
) -> None:
    for wrong in ("a:b", "é", "x" * 65, "tab\t"):
        with fair.bench.refused("CLIENT_SEED_INVALID"):
            fair.rotate(client_seed=wrong)


def test_a_seed_is_not_changed_in_the_middle_of_a_game(fair: Fair) -> None:
    fair.spin("cards")
    with fair.bench.refused("SEED_IN_USE"):
        fair.rotate(client_seed="better")
    fair.bench.advance(days=3)  # the card has lapsed
    fair.rotate(client_seed="better")


def test_who_was_merged_or_erased_gets_no_seed_and_no_document(fair: Fair) -> None:
    for member_id in ("bob", "carl"):
        fair.player(member_id, points=0)
    fair.bench.merge("bob", "alice")
    erase = EraseMember(member_id="carl", request_id="e", operator="o", reason="r")
    fair.bench.execute(erase)
    before = fair.documents("player"), fair.documents("seed")

    for member_id, state in (("bob", "MERGED"), ("carl", "ERASED")):
        with fair.bench.refused("MEMBER_INACTIVE", state=state):
            fair.spin("items", member_id)
        with fair.bench.refused("MEMBER_INACTIVE", state=state):
            fair.rotate(member_id)

    assert (fair.documents("player"), fair.documents("seed")) == before


def test_a_frozen_member_has_a_seed_revealed(fair: Fair) -> None:
    spin = fair.spin("items")
    freeze = FreezeMember(member_id="alice", request_id="f", reason="test")
    fair.bench.execute(freeze)
    fair.rotate()
    assert fair.verify(spin).is_proved


def test_seeds_are_sealed_where_they_are_stored(fair: Fair) -> None:
    database = Path(fair.bench.url.removeprefix("sqlite:///"))
    stored = b"".join(
        file.read_bytes() for file in database.parent.glob(f"{database.name}*")
    )
    secret = bytes.fromhex(fair.rotate().revealed.server_seed)
    assert b"commitment" in stored
    assert secret.hex().encode() not in stored
    assert b64encode(secret) not in stored


def test_a_seed_without_its_key_stays_shut(fair: Fair) -> None:
    wheels = {"w": {"prizes": [{"id": "x", "weight": 1}]}}
    fair.bench.configure("wheel", {"wheels": wheels, "seed_keys": ["22" * 32]})
    with fair.bench.refused("SEED_KEY_MISSING"):
        fair.spin("w")
    fair.bench.configure("wheel", {"wheels": wheels, "seed_keys": ["22" * 32, KEY]})
    fair.spin("w")


def test_every_kind_of_wheel_is_proved(fair: Fair) -> None:
    kinds = ("daily", "banner", "last", "slot", "grid", "items")
    spins = [fair.spin(kind, draws=9 if kind != "last" else 1) for kind in kinds]
    with fair.bench.refused("SEED_IN_USE"):
        fair.verify(spins[0])
    fair.rotate()
    for spin in spins:
        answer = fair.verify(spin)
        assert answer.is_proved, answer.problems


def test_a_proof_that_was_touched_anywhere_fails(fair: Fair) -> None:
    spin = fair.spin("daily", draws=3)
    fair.rotate()
    proof = fair.verify(spin).proof
    touched = []
    for change in (
        lambda p: setattr(p.draws[0], "prize_id", "mug!"),
        lambda p: setattr(p.draws[1], "position", 17),
        lambda p: setattr(p.draws[0], "nonce", 2),
        lambda p: setattr(p.draws[0], "nonce", 99),
        lambda p: setattr(p.seed, "client_seed", "mallory"),
        lambda p: setattr(p.seed, "server_seed", "00" * 32),
        lambda p: setattr(p.seed, "server_seed", "no"),
        lambda p: p.draws[2].weights.__setitem__(0, "41"),
        lambda p: p.draws[2].stock.update({"ten": 5}),
    ):
        wrong = pb.SpinProof()
        wrong.CopyFrom(proof)
        change(wrong)
        touched.append(bool(problems(wrong)))
    assert not problems(proof)
    assert all(touched), touched


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.draws[0].weights.append("1"),
        lambda p: p.draws[0].weights.__setitem__(0, "many"),
        lambda p: p.draws[0].weights.__setitem__(0, "-3"),
        lambda p: p.draws[0].weights.__setitem__(0, "9" * 5_000),
        lambda p: p.draws[0].weights.__setitem__(slice(None), ["0"] * 4),
        lambda p: p.draws[0].prize_ids.__setitem__(1, p.draws[0].prize_ids[0]),
        lambda p: p.draws[0].ClearField("displays"),
        lambda p: p.draws[0].reels.add(symbols=["bar"]),
        lambda p: setattr(p.draws[0], "roll", "high"),
        lambda p: setattr(p.seed, "server_seed", ""),
    ],
)
def test_a_proof_that_is_malformed_is_wrong_and_no_crash(
    fair: Fair, change: Callable[[pb.SpinProof], Any]
) -> None:
    spin = fair.spin("daily", draws=1)
    fair.rotate()
    proof = fair.verify(spin).proof
    change(proof)
    found = CliRunner().invoke(verify, input=json_format.MessageToJson(proof))
    assert found.exit_code == 2, found.output
    assert found.output


def problems(proof: pb.SpinProof) -> list[str]:
    """Returns what the verifier says."""
    from points_wheel.verifying import problems_of  # noqa: PLC0415 - one place

    return problems_of(proof)


def test_the_command_verifies_a_proof_from_a_file(fair: Fair, tmp_path: Path) -> None:
    spin = fair.spin("daily", draws=3)
    fair.rotate()
    answer = fair.verify(spin)
    file = tmp_path / "proof.json"
    file.write_text(json_format.MessageToJson(answer))
    found = CliRunner().invoke(verify, [str(file)])
    assert found.exit_code == 0
    assert "3 draws follow from the seed" in found.output

    answer.proof.draws[0].prize_id = "ten" if ids(spin) != "ten" else "mug"
    answer.proof.draws[0].roll = "99"
    file.write_text(json_format.MessageToJson(answer.proof))
    found = CliRunner().invoke(verify, [str(file)])
    assert found.exit_code == 2
    assert "told was" in found.output


def ids(spin: pb.Spin) -> str:
    """Returns the first outcome of a spin."""
    return spin.draws[0].prize_id


@pytest.mark.parametrize("given", [b"{}", b"\xff\xfe{\x00}\x00", b"\x80", b""])
def test_the_command_says_what_is_no_proof(given: bytes) -> None:
    found = CliRunner().invoke(verify, input=given)
    assert found.exit_code == 1
    assert "no proof" in found.output
