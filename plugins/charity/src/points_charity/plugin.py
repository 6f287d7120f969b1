"""What the plugin declares to the host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from points.plugin import (
    Channel,
    Collection,
    Flow,
    Job,
    Manifest,
    Method,
    Mode,
    OnFailure,
    Owner,
    Reaction,
    Reason,
    Service,
    hookimpl,
)
from points_charity import reasons as no
from points_charity.config import CharityConfig
from points_charity.disbursing import disburse, disburse_reads
from points_charity.documents import (
    CAMPAIGN,
    CAUSE,
    DISBURSEMENT,
    DONATION,
    DONOR,
    GAVE,
    GIVEN,
    GIVER,
    POOL,
    RECURRING,
    ROUND,
)
from points_charity.donating import donate, reverse_donation
from points_charity.habits import (
    MISSED_JOB,
    RECURRING_JOB,
    end_recurring,
    give_on,
    is_pledging,
    miss,
    recur,
    set_pledge,
    start_recurring,
)
from points_charity.merging import MERGING
from points_charity.pools import fund_pool, pool_reads
from points_charity.reading import giving_reads, recurring_reads
from points_charity.returning import RETURN_JOB, return_more, return_reads
from points_charity.rounds import (
    close_round,
    close_round_job,
    round_job_reads,
    round_reads,
)
from points_charity.settling import settle, settle_reads
from points_charity.showing import (
    get_campaign,
    get_receipt,
    list_campaigns,
    list_causes,
    list_donations,
    list_donors,
)
from points_charity.v1.charity_service_pb2 import DESCRIPTOR


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="charity",
        version="0.1.0",
        summary="Giving points to causes: campaigns, matching pools, receipts",
        owner="points",
    )


@hookimpl
def config_model() -> type[CharityConfig]:
    """Returns the model of the section `plugins.charity`."""
    return CharityConfig


@hookimpl
def channels() -> Sequence[Channel]:
    """Returns the channel of donations; ReverseDonation alone reverses them."""
    flows = frozenset({Flow.EARN, Flow.BURN, Flow.HOLD})
    return (Channel(name="charity", flows=flows, is_reversible=False),)


@hookimpl
def collections() -> Sequence[Collection[Any]]:
    """Returns the documents of campaigns, causes, rounds and donors."""
    objects = (CAMPAIGN, POOL, DONOR, DONATION, CAUSE, DISBURSEMENT, ROUND)
    return (*objects, GIVER, GIVEN, GAVE, RECURRING)


@hookimpl
def reasons() -> Sequence[Reason]:
    """Returns every reason for which a donation is refused."""
    return no.ALL


@hookimpl
def jobs() -> Sequence[Job]:
    """Returns settlements, matches that go back, rounds, and recurring donations."""
    return (
        Job(name="settle", handler=settle, reads=settle_reads),
        Job(name=RETURN_JOB, handler=return_more, reads=return_reads),
        Job(name="close_round", handler=close_round_job, reads=round_job_reads),
        Job(
            name=RECURRING_JOB,
            handler=recur,
            owner=Owner.MEMBER,
            reads=recurring_reads,
        ),
        Job(name=MISSED_JOB, handler=miss, owner=Owner.MEMBER, reads=recurring_reads),
    )


@hookimpl
def reactions() -> Sequence[Reaction]:
    """Returns the pledge, a share of what is earned, and what a merge takes along."""
    return (
        MERGING,
        Reaction(
            name="pledge",
            kinds=frozenset({"EARN", "ACTIVITY"}),
            handler=give_on,
            on_failure=OnFailure.SKIP,
            wanted=is_pledging,
        ),
    )


@hookimpl
def services() -> Sequence[Service]:
    """Returns the CharityService."""
    descriptor = DESCRIPTOR.services_by_name["CharityService"]
    return (Service(descriptor=descriptor, methods=(*_queries(), *_commands())),)


def _queries() -> tuple[Method, ...]:
    handlers = {
        "ListCauses": list_causes,
        "ListCampaigns": list_campaigns,
        "GetCampaign": get_campaign,
        "ListDonors": list_donors,
        "ListDonations": list_donations,
        "GetReceipt": get_receipt,
    }
    return tuple(
        Method(name=name, mode=Mode.QUERY, handler=handler)
        for name, handler in handlers.items()
    )


_COMMAND: Final = partial(Method, mode=Mode.COMMAND, is_previewed=True)
"""Is a command that may be tried first: nothing of it is secret or left to chance."""


def _commands() -> tuple[Method, ...]:
    giving = {
        "Donate": donate,
        "ReverseDonation": reverse_donation,
        "StartRecurring": start_recurring,
        "SetPledge": set_pledge,
    }
    return (
        *(
            _COMMAND(name=name, handler=handler, reads=giving_reads)
            for name, handler in giving.items()
        ),
        _COMMAND(name="EndRecurring", handler=end_recurring),
        _COMMAND(name="FundPool", handler=fund_pool, reads=pool_reads),
        _COMMAND(
            name="CloseRound",
            handler=close_round,
            reads=round_reads,
            home=lambda request: request.round_id,
        ),
        _COMMAND(
            name="Disburse",
            handler=disburse,
            reads=disburse_reads,
            home=lambda request: request.campaign_id,
        ),
    )
