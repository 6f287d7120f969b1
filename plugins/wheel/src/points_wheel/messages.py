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
    state = pb.SPIN_STATE_VOIDED if spin.is_voided else pb.SPIN_STATE_VALID
    draws = [draw_message(index, draw, now) for index, draw in enumerate(spin.draws)]
    return pb.Spin(
        spin_id=str(spin.number),
        wheel_id=spin.wheel_id,
        state=state,
        spin_time=timestamp(spin.spin_time),
        odds_version=spin.odds_version,
        program_version=spin.program_version,
        seed_number=spin.seed_number,
        commitment=spin.commitment,
        draws=draws,
        cost=cost_message(spin),
        transaction_ids=spin.transaction_ids,
    )


def cost_message(spin: StoredSpin) -> pb.PointsOf | None:
    """Returns what a spin cost in points, if anything."""
    if not spin.cost_points:
        return None
    return pb.PointsOf(unit=spin.cost_unit, points=spin.cost_points)


def draw_message(index: int, draw: StoredDraw, now: int) -> pb.Draw:
    """Returns a draw as its member may see it at an instant."""
    is_hidden = draw.state == _HIDDEN and now < draw.deadline_time
    return pb.Draw(
        index=index,
        nonce=draw.nonce,
        prize_id="" if is_hidden else draw.prize_id,
        state=_STATES[state_at(draw, now)],
        payment=_PAYMENTS[draw.payment],
        position=draw.position,
        cell=draw.cell,
        symbols=draw.symbols,
        deadline_time=timestamp(draw.deadline_time) if draw.deadline_time else None,
        inputs_digest=draw.inputs,
    )


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
