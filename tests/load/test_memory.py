"""What memory did over many calls is told by the calls, and judged by the first."""

from __future__ import annotations

import pytest

from tests.load import memory
from tests.load.memory import Sample, drift, samples_of


def test_calls_are_sent_some_at_a_time_and_sampled_after_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "RUN", 40)
    sent: list[int] = []

    found = list(samples_of(sent.append, lambda: sum(sent), calls=250, every=100))

    assert sent == [40, 40, 20, 40, 40, 20]
    assert found == [Sample(100, 100), Sample(200, 200)]


@pytest.mark.parametrize(
    ("resident", "moved"),
    [((100, 104, 97), 0.04), ((100, 103, 92), -0.08), ((100,), 0.0)],
    ids=["grew", "shrank more", "one sample"],
)
def test_memory_is_judged_by_the_farthest_it_came_from_the_first_sample(
    resident: tuple[int, ...], moved: float
) -> None:
    samples = [Sample(number, size) for number, size in enumerate(resident)]

    assert drift(samples) == pytest.approx(moved)
