"""TierService: where members stand is told, listed, set and foreseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
import yaml

from points.client import PointsClient, Refused, new_request_id
from points.domain.standings import first_standing
from points.domain.values import Kind, Record, Transaction
from points.engine.sweeper import sweep
from points.server.answers import transaction_message
from points.v1.standing_pb2 import Standing
from points.v1.tier_service_pb2 import ListStandingsRequest, TierMove
from tests.engine.build import differences
from tests.engine.climbing import LADDER, gather
from tests.program.build import table
from tests.program.build_standing import TIERS
from tests.server.running import Served


WHO = "grace"
WHY = "a friend of the house"


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def climb(server: Served, member: str, amount: int) -> None:
    """Lets a member gather."""
    server.engine.execute(gather(amount, new_request_id(), member))


def document(tiers: list[Any]) -> str:
    """Returns a document with other tiers."""
    ladders = {"status": LADDER | {"tiers": tiers}}
    return yaml.safe_dump(table(ladders=ladders))


def only(found: list[Standing]) -> Standing:
    (standing,) = found
    return standing


def test_get_standing_tells_where_a_member_stands_and_what_is_missing(
    serve_reused: Callable[..., Served],
) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        client.create_member("ada")
        climb(server, "ada", 120)
        standing = only(list(client.get_standing("ada").standings))

    assert (standing.ladder, standing.tier, standing.rank) == ("status", "silver", 2)
    assert (standing.earned_tier, standing.floor) == ("silver", "")
    assert standing.cause == Standing.CAUSE_QUALIFIED
    assert standing.until_time == standing.lose_time
    assert (standing.gathered, standing.next_tier) == (120, "gold")
    assert (standing.points_to_next, standing.points_to_stay) == (180, 80)
    assert standing.projected_tier == "bronze"
    assert standing.projected_time == standing.lose_time
    assert [each.tier for each in standing.history] == ["bronze", "silver"]


def test_get_standing_tells_of_a_member_who_has_done_nothing(
    client: PointsClient, member: str
) -> None:
    standing = only(list(client.get_standing(member, ladder="status").standings))

    assert (standing.tier, standing.rank) == ("bronze", 1)
    assert not standing.HasField("until_time")
    assert (standing.gathered, standing.points_to_next) == (0, 100)


def test_get_standing_of_another_ladder_is_refused(
    client: PointsClient, member: str, stranger: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.get_standing(member, ladder="lounge")
    assert refused.value.reason == "LADDER_UNKNOWN"
    with pytest.raises(Refused) as refused:
        client.get_standing(stranger)
    assert refused.value.reason == "MEMBER_NOT_FOUND"
    with pytest.raises(Refused) as refused:
        client.get_standing("")
    assert refused.value.reason == "INVALID_ARGUMENT"


def test_set_standing_answers_with_the_floor(client: PointsClient, member: str) -> None:
    until = tomorrow()
    answer = client.set_standing(
        member,
        "status",
        "gold",
        until_time=until,
        request_id="s1",
        operator=WHO,
        reason=WHY,
    )

    standing = answer.standing
    assert (standing.tier, standing.floor, standing.rank) == ("gold", "gold", 3)
    assert standing.earned_tier == "bronze"
    assert standing.cause == Standing.CAUSE_SET
    assert standing.floor_until_time == standing.until_time
    assert standing.floor_until_time.ToDatetime(UTC) == until
    assert not answer.replayed
    again = client.set_standing(
        member,
        "status",
        "gold",
        until_time=until,
        request_id="s1",
        operator=WHO,
        reason=WHY,
    )
    assert again.replayed
    assert again.standing == standing


def test_a_floor_that_was_only_validated_holds_nobody(
    client: PointsClient, member: str
) -> None:
    answer = client.set_standing(
        member, "status", "gold", validate_only=True, operator=WHO, reason=WHY
    )

    assert answer.standing.tier == "gold"
    assert only(list(client.get_standing(member).standings)).tier == "bronze"


def test_a_tier_that_there_is_not_is_refused(client: PointsClient, member: str) -> None:
    with pytest.raises(Refused) as refused:
        client.set_standing(member, "status", "platinum", operator=WHO, reason=WHY)
    assert refused.value.reason == "TIER_UNKNOWN"


def test_a_floor_is_told_by_the_feed(client: PointsClient, member: str) -> None:
    client.set_standing(member, "status", "gold", operator=WHO, reason=WHY)

    page = client.list_changes(member_ids=[member], kinds=["SET_STANDING"])

    (told,) = page.changes
    change = told.outcome.standing_change
    assert (change.operator, change.reason) == (WHO, WHY)
    assert only(list(change.standings)).tier == "gold"


def test_a_standing_is_told_by_the_transaction_that_moved_it() -> None:
    standing = first_standing(7, "ada", "status", 5)
    record = Record(
        part=7,
        number=3,
        member_id="ada",
        request_id="r",
        kind=Kind.EARN,
        channel="core",
        fingerprint="",
        effective_time=5,
        record_time=5,
        result=Transaction((), 0, "", {}, standings=(standing,)),
    )
    assert only(list(transaction_message(record).standings)).ladder == "status"


def test_list_standings_tells_who_is_in_a_tier(
    serve_reused: Callable[..., Served],
) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        for number in range(7):
            client.create_member(f"m{number}")
            if number:
                climb(server, f"m{number}", 50 * number)

        everybody = list(client.list_standings("status", page_size=2))
        silver = list(client.list_standings("status", tiers=["silver"], page_size=2))
        both = list(client.list_standings("status", tiers=["gold", "bronze"]))

    # Who has gathered nothing has no standing yet.
    assert names(everybody) == [f"m{number}" for number in range(1, 7)]
    assert names(silver) == ["m2", "m3", "m4", "m5"]
    assert names(both) == ["m1", "m6"]


def test_list_standings_shows_nobody_in_a_tier_that_is_over(
    serve_reused: Callable[..., Served],
) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        client.create_member("ada")
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        client.set_standing(
            "ada", "status", "gold", until_time=soon, operator=WHO, reason=WHY
        )
        while datetime.now(UTC) <= soon:
            pass
        golden = list(client.list_standings("status", tiers=["gold"]))
        bronze = list(client.list_standings("status", tiers=["bronze"]))
        foreseen = client.preview_tiers().moves
        swept = sweep(server.engine)

    assert golden == []
    assert only(bronze).member_id == "ada"
    move = TierMove(ladder="status", from_tier="gold", to_tier="bronze", member_count=1)
    assert list(foreseen) == [move]
    assert swept.swept_standings == 1
    assert differences(server.engine.store) == []


def test_list_standings_of_what_there_is_not_is_refused(client: PointsClient) -> None:
    with pytest.raises(Refused) as refused:
        list(client.list_standings("lounge"))
    assert refused.value.reason == "LADDER_UNKNOWN"
    with pytest.raises(Refused) as refused:
        list(client.list_standings("status", tiers=["platinum"]))
    assert refused.value.reason == "TIER_UNKNOWN"


def test_a_page_token_of_another_list_is_refused(
    serve_reused: Callable[..., Served],
) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        for name in ("ada", "bob"):
            client.create_member(name)
            client.set_standing(name, "status", "gold", operator=WHO, reason=WHY)
        page = client.tiers.ListStandings(
            ListStandingsRequest(ladder="status", page_size=1)
        )
        other = ListStandingsRequest(
            ladder="status", tiers=["gold"], page_token=page.next_page_token
        )
        with pytest.raises(grpc.RpcError) as refused:
            client.tiers.ListStandings(other)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_preview_tiers_counts_who_would_move(
    serve_reused: Callable[..., Served],
) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        for number, amount in enumerate((0, 10, 90, 120, 400)):
            client.create_member(f"m{number}")
            if amount:
                climb(server, f"m{number}", amount)
        lower = document([TIERS[0], {"name": "silver", "threshold": 90}, TIERS[2]])
        fewer = document([{"name": "basic", "threshold": 0}])

        foreseen = client.preview_tiers(lower)
        renamed = client.preview_tiers(fewer)
        nothing = client.preview_tiers()

    assert [str(each.from_tier) for each in foreseen.moves] == ["bronze"]
    move = only_move(list(foreseen.moves))
    assert (move.to_tier, move.member_count) == ("silver", 1)
    assert foreseen.member_count == 5
    counts = {each.from_tier: each.member_count for each in renamed.moves}
    assert counts == {"bronze": 3, "silver": 1, "gold": 1}
    assert not nothing.moves


def test_preview_tiers_of_a_bad_document_says_where_it_is_wrong(
    client: PointsClient,
) -> None:
    with pytest.raises(Refused) as refused:
        client.preview_tiers("program: x\nunits: 3\n")
    assert refused.value.reason == "INVALID_ARGUMENT"
    assert "units" in str(refused.value)


def names(standings: list[Standing]) -> list[str]:
    return sorted(each.member_id for each in standings)


def only_move(moves: list[TierMove]) -> TierMove:
    (move,) = moves
    return move
