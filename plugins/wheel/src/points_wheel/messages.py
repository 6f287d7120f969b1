"""Documents as messages: what a caller may see of them."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from points_wheel.documents import SeedInUse, StoredDraw, StoredSpin
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import NEVER, SECOND


_HIDDEN: Final = "HIDDEN"
_STATES: Final = {
    name.removeprefix("PRIZE_STATE_"): number for name, number in pb.PrizeState.items()
}
_PAYMENTS: Final = {
    name.removeprefix("PAYMENT_"): number for name, number in pb.Payment.items()
}
_WAITING: Final = frozenset({_HIDDEN, "CLAIMABLE"})


def timestamp(instant: int) -> Timestamp | None:
    """Returns an instant of microseconds as a message, None for never."""
    if instant >= NEVER:
        return None
    return Timestamp(seconds=instant // SECOND, nanos=instant % SECOND * 1_000)


def spin_message(spin: StoredSpin, now: int) -> pb.Spin:
    """Returns a spin; cards that are not scratched yet do not tell their prize."""
    message = pb.Spin()
    fill_spin(message, spin, now)
    return message


def fill_spin(message: pb.Spin, spin: StoredSpin, now: int) -> None:
    """Writes a spin into a message, as `spin_message` returns it.

    In its place: a message that is put into another one is copied, with all in it.
    """
    message.spin_id = str(spin.number)
    message.wheel_id = spin.wheel_id
    message.state = pb.SPIN_STATE_VOIDED if spin.is_voided else pb.SPIN_STATE_VALID
    fill_timestamp(message.spin_time, spin.spin_time)
    message.odds_version = spin.odds_version
    message.program_version = spin.program_version
    message.seed_number = spin.seed_number
    message.commitment = spin.commitment
    for index, draw in enumerate(spin.draws):
        _fill_draw(message.draws.add(), index, draw, now)
    if spin.cost_points:
        message.cost.unit = spin.cost_unit
        message.cost.points = spin.cost_points
    message.transaction_ids.extend(spin.transaction_ids)


def fill_timestamp(message: Timestamp, instant: int) -> None:
    """Writes an instant of microseconds, one that comes, into its message."""
    message.seconds = instant // SECOND
    message.nanos = instant % SECOND * 1_000


def draw_message(index: int, draw: StoredDraw, now: int) -> pb.Draw:
    """Returns a draw as its member may see it at an instant."""
    message = pb.Draw()
    _fill_draw(message, index, draw, now)
    return message


def _fill_draw(message: pb.Draw, index: int, draw: StoredDraw, now: int) -> None:
    is_hidden = draw.state == _HIDDEN and now < draw.deadline_time
    message.index = index
    message.nonce = draw.nonce
    message.prize_id = "" if is_hidden else draw.prize_id
    message.state = _STATES[state_at(draw, now)]
    message.payment = _PAYMENTS[draw.payment]
    message.position = draw.position
    message.cell = draw.cell
    message.symbols.extend(draw.symbols)
    if draw.deadline_time:
        fill_timestamp(message.deadline_time, draw.deadline_time)
    message.inputs_digest = draw.inputs


def state_at(draw: StoredDraw, now: int) -> str:
    """Returns the state of a prize: what was not done in time has lapsed."""
    if draw.state in _WAITING and now >= draw.deadline_time:
        return "LAPSED"
    return draw.state


def seed_message(seed: SeedInUse) -> pb.Seed:
    """Returns a committed seed, without its secret."""
    return pb.Seed(
        number=seed.number,
        commitment=seed.commitment,
        client_seed=seed.client_seed,
        nonce=seed.nonce,
        commit_time=timestamp(seed.commit_time),
        program_version=seed.program_version,
        is_sealed=bool(seed.key_id),
    )
