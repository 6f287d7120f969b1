"""A donation that is taken back, whatever has become of those who matched it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plugins.charity.tests.appeals import END, SECTION, Appeals

from points.domain.commands import EraseMember, FreezeMember, SetLimits
from points.domain.values.members import Velocity
from points.testing.bench import Bench
from points_charity import returning


SPRING = {"cause": "reef", "matching": {"ratio": 1}}


def merged(bench: Bench) -> None:
    """Merges the sponsor into Bob."""
    bench.merge("sponsor", "bob")


def erased(bench: Bench) -> None:
    """Erases the sponsor."""
    command = EraseMember(
        member_id="sponsor", request_id="erase", operator="olga", reason="test"
    )
    bench.execute(command)


def frozen(bench: Bench) -> None:
    """Freezes the sponsor."""
    bench.execute(FreezeMember(member_id="sponsor", request_id="f", reason="test"))


def hurried(bench: Bench) -> None:
    """Lets the sponsor set nothing more aside."""
    limits = SetLimits(
        member_id="sponsor",
        request_id="limit",
        unit="points",
        operator="olga",
        reason="test",
        velocities=(Velocity("BURN", "DAY", points_max=0),),
    )
    bench.execute(limits)


@pytest.mark.parametrize("befall", [merged, erased])
def test_what_a_sponsor_paid_who_is_gone_stays_with_the_campaign(
    appeals: Appeals, befall: Callable[[Bench], None]
) -> None:
    appeals.fund(50)
    donation = appeals.give(100)
    befall(appeals.bench)

    assert appeals.reverse(donation).match_returned == 0
    assert appeals.bench.available() == 1_000
    campaign = appeals.campaign()
    assert (campaign.raised, campaign.matched, campaign.pool_left) == (0, 50, 0)
    assert appeals.disburse().points == 50


@pytest.mark.parametrize("befall", [frozen, hurried])
def test_a_sponsor_who_can_set_nothing_aside_has_the_points_back(
    appeals: Appeals, befall: Callable[[Bench], None]
) -> None:
    appeals.fund(50)
    donation = appeals.give(100)
    befall(appeals.bench)

    assert appeals.reverse(donation).match_returned == 0
    assert appeals.bench.balances("sponsor").available == 1_000
    campaign = appeals.campaign()
    assert (campaign.raised, campaign.matched, campaign.pool_left) == (0, 0, 0)


def test_what_stays_of_a_match_that_many_have_paid_is_counted_to_the_point(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "STEP", 2)
    appeals.bench.configure("charity", {**SECTION, "campaigns": {"spring": SPRING}})
    for sponsor in ("bob", "sponsor", "bob", "sponsor", "sponsor", "bob"):
        appeals.fund(10, "spring", sponsor)
    donation = appeals.give(60)
    erased(appeals.bench)

    assert appeals.reverse(donation).match_returned == 10
    appeals.bench.run_due()

    campaign = appeals.campaign()
    assert (campaign.raised, campaign.matched, campaign.pool_left) == (0, 30, 30)
    assert appeals.bench.balances("bob").held == 30


def test_what_is_held_at_the_end_is_not_taken_back_before_it_is_judged(
    appeals: Appeals,
) -> None:
    donation = appeals.give(300, "roof")
    appeals.bench.clock.now = END
    with appeals.bench.refused("CAMPAIGN_CLOSED"):
        appeals.reverse(donation)
    appeals.bench.run_due()

    assert appeals.campaign("roof").raised == 300
    appeals.reverse(donation)
    assert appeals.bench.available() == 1_000
