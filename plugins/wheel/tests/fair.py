"""A fair with a wheel, a slot, a grid and scratch cards, on a bench."""

from __future__ import annotations

from typing import Any, Final

from points.store.reads.reader import open_snapshot
from points.testing.bench import PARTS, Bench
from points_wheel.v1 import wheel_service_pb2 as pb


KEY: Final = "11" * 32

SECTION: Final[dict[str, Any]] = {
    "seed_keys": [KEY],
    "pity": {"gold": {"hard": 5}},
    "wheels": {
        "daily": {
            "prizes": [
                {"id": "ten", "weight": 40, "points": {"points": 10}},
                {"id": "again", "weight": 10, "spins": 2},
                {"id": "mug", "weight": 10, "item": {"claim_days": 7}},
            ],
            "total": 100,
            "costs": [{"points": 20}],
            "free": {"draws": 1, "per": "DAY"},
            "limits": [{"draws": 30, "per": "DAY"}],
            "draws_max": 20,
        },
        "banner": {
            "prizes": [
                {"id": "star", "weight": 1, "pity": ["gold"]},
                {"id": "dust", "weight": 999},
            ],
            "costs": [{"points": 1}],
            "draws_max": 20,
        },
        "last": {
            "prizes": [
                {"id": "car", "weight": 1, "stock": {"count": 1}},
                {"id": "pen", "weight": 1, "is_announced": True},
            ],
            "sold_out": "FALLBACK",
            "fallback": "pen",
            "budget": {"points": 1_000},
        },
        "sure": {
            "prizes": [
                {
                    "id": "only",
                    "weight": 1,
                    "points": {"points": 5},
                    "stock": {"count": 1},
                }
            ],
            "limits": [{"draws": 3, "per": "LIFETIME", "scope": "POOL"}],
        },
        "cards": {
            "presentation": "SCRATCH",
            "prizes": [{"id": "fifty", "weight": 1, "points": {"points": 50}}],
            "costs": [{"points": 5}],
            "reveal_days": 3,
        },
        "items": {"prizes": [{"id": "mug", "weight": 1, "item": {"claim_days": 7}}]},
        "slot": {
            "presentation": "SLOT",
            "reels": [{"seven": 1, "bar": 3}, {"seven": 1, "bar": 3}],
            "prizes": [
                {"id": "sevens", "lines": [["seven", "seven"]]},
                {"id": "bars", "lines": [["bar", "bar"]]},
            ],
            "draws_max": 20,
        },
        "grid": {
            "presentation": "NINE_GRID",
            "prizes": [{"id": f"p{n}", "weight": n + 1} for n in range(8)],
            "draws_max": 20,
        },
        "again": {
            "prizes": [{"id": "two", "weight": 1, "spins": 2}],
            "costs": [{"points": 20}],
        },
        "cafe": {
            "prizes": [{"id": "x", "weight": 1}],
            "limits": [{"draws": 3, "per": "DAY", "scope": "GROUP"}],
            "draws_max": 3,
        },
        "over": {"prizes": [{"id": "x", "weight": 1}], "end_time": 5},
        "vip": {"prizes": [{"id": "x", "weight": 1}], "tiers": ["gold"]},
    },
}


class Fair:
    """Is a bench with wheels, and the calls that players make."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.configure("wheel", SECTION)

    def player(self, member_id: str = "alice", points: int = 1_000) -> str:
        """Makes sure of a member with points and a committed seed."""
        self.bench.member(member_id, points=points)
        self.rotate(member_id, client_seed=member_id)
        return member_id

    def rotate(self, member_id: str = "alice", **fields: Any) -> pb.RotateSeedResponse:
        """Calls RotateSeed."""
        request = pb.RotateSeedRequest(member_id=member_id, **fields)
        answer: pb.RotateSeedResponse = self.bench.call(request)
        return answer

    def spin(
        self, wheel_id: str = "daily", member_id: str = "alice", **fields: Any
    ) -> pb.Spin:
        """Calls Spin."""
        request = pb.SpinRequest(member_id=member_id, wheel_id=wheel_id, **fields)
        answer: pb.SpinResponse = self.bench.call(request)
        return answer.spin

    def wheel(
        self, wheel_id: str = "daily", member_id: str = "alice", **fields: Any
    ) -> pb.GetWheelResponse:
        """Calls GetWheel."""
        request = pb.GetWheelRequest(member_id=member_id, wheel_id=wheel_id, **fields)
        answer: pb.GetWheelResponse = self.bench.call(request)
        return answer

    def documents(self, collection: str) -> list[str]:
        """Returns the keys and bodies of all that is stored of a collection."""
        with open_snapshot(self.bench.engine.store.backend) as snapshot:
            places = snapshot.documents_of_plugin(
                "wheel", part_count=PARTS, limit=1_000
            )
            found = [
                snapshot.document(place[:4], place[4])
                for place in places
                if place[2] == collection
            ]
        return [f"{each[3:]}" for each in found if each]

    def verify(self, spin: pb.Spin, member_id: str = "alice") -> pb.VerifySpinResponse:
        """Calls VerifySpin."""
        request = pb.VerifySpinRequest(member_id=member_id, spin_id=spin.spin_id)
        answer: pb.VerifySpinResponse = self.bench.call(request)
        return answer

    def void(self, spin: pb.Spin, member_id: str = "alice") -> pb.VoidSpinResponse:
        """Calls VoidSpin."""
        request = pb.VoidSpinRequest(
            member_id=member_id, spin_id=spin.spin_id, operator="olga"
        )
        answer: pb.VoidSpinResponse = self.bench.call(request)
        return answer
