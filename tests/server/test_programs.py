"""ProgramService, as callers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import pytest

from points.client import PointsClient, Refused
from points.program.digests import digest_of
from points.program.loading.documents import load_document
from points.store.proof.audit import audit
from points.v1 import program_service_pb2 as pb
from points.v1.change_pb2 import Change
from tests.server.running import Served
from tests.store.cleaning import PARTS


NOW: Final = datetime.now(UTC)
DOCUMENT: Final = """
program: shop
units:
  points: {kind: currency}
  miles: {kind: currency}
  giants: {kind: currency}
  qualifying_points: {kind: growth}
sinks: [redemption, donation]
"""
WITH_STARS: Final = DOCUMENT.replace("sinks", "  stars: {kind: currency}\nsinks")
WITHOUT_MILES: Final = DOCUMENT.replace("  miles: {kind: currency}\n", "")
WRONG: Final = DOCUMENT.replace("kind: growth", "kind: grown")


@pytest.fixture
def served_here(serve_reused: Callable[..., Served]) -> Served:
    """Returns a server whose program only this test changes."""
    return serve_reused()


@pytest.fixture
def shop(served_here: Served) -> Iterator[PointsClient]:
    """Yields a client of it, with Ada in it."""
    with PointsClient(served_here.address) as client:
        client.create_member("ada")
        yield client


def apply(client: PointsClient, document: str = DOCUMENT, **fields: Any) -> Any:
    """Applies a document."""
    told = {"operator": "olga", "reason": "spring", **fields}
    return client.apply_program(document, **told)


def refusal(call: Callable[[], object]) -> Refused:
    """Returns the refusal of a call."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def reasons(refused: Refused) -> dict[str, str]:
    """Returns what is wrong with each field."""
    return {each.field: each.description for each in refused.violations}


def test_apply_program_tells_the_version_that_was_made(shop: PointsClient) -> None:
    response = apply(shop)

    version = response.version
    assert (version.version, version.operator, version.reason) == (1, "olga", "spring")
    assert version.digest == digest_of(load_document(DOCUMENT))
    assert version.effective_time == version.apply_time
    assert version.apply_time.ToDatetime(UTC) >= NOW
    assert (response.replayed, response.revision.count(",")) == (False, PARTS - 1)


def test_what_comes_behind_is_decided_under_it(shop: PointsClient) -> None:
    before = refusal(lambda: shop.earn("ada", 5, unit="stars", reason="visit"))
    apply(shop, WITH_STARS)

    earned = shop.earn("ada", 5, unit="stars", reason="visit")

    assert before.reason == "UNIT_UNKNOWN"
    assert earned.transaction.program_version == 1
    assert shop.get_balances("ada", unit="stars").balances[0].available == 5


def test_a_program_that_begins_later_changes_nothing_yet(shop: PointsClient) -> None:
    tomorrow = NOW + timedelta(days=1)

    planned = apply(shop, WITH_STARS, effective_time=tomorrow).version

    refused = refusal(lambda: shop.earn("ada", 5, unit="stars", reason="visit"))
    assert refused.reason == "UNIT_UNKNOWN"
    assert planned.effective_time.ToDatetime(UTC) == tomorrow
    assert shop.get_program().version.version == 0
    assert shop.get_program(1).version == planned


def test_a_program_never_begins_in_the_past(shop: PointsClient) -> None:
    refused = refusal(lambda: apply(shop, effective_time=NOW - timedelta(days=1)))

    assert list(reasons(refused)) == ["effective_time"]


def test_a_wrong_document_changes_nothing_and_says_where(shop: PointsClient) -> None:
    refused = refusal(lambda: apply(shop, WRONG))

    assert refused.reason == "INVALID_ARGUMENT"
    ((path, told),) = reasons(refused).items()
    assert path == "document.units.qualifying_points.kind"
    assert "currency" in told
    assert "line 7" in told
    assert list(shop.list_program_versions()) == []
    assert shop.earn("ada", 5, reason="visit")


def test_of_many_problems_an_error_tells_the_first(shop: PointsClient) -> None:
    units = "".join(f"  u{n}: {{kind: odd}}\n" for n in range(30))

    told = reasons(refusal(lambda: apply(shop, f"program: shop\nunits:\n{units}")))

    assert len(told) == 11
    assert told["document"] == "has 20 more problems: ask ValidateProgram"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"document": ""}, "document"),
        ({"operator": ""}, "operator"),
        ({"reason": ""}, "reason"),
        ({"request_id": ""}, "request_id"),
        ({"expected_version": -1}, "expected_version"),
        ({"document_format": 9}, "format"),
    ],
)
def test_a_malformed_field_is_named(
    shop: PointsClient, fields: dict[str, Any], wrong: str
) -> None:
    assert list(reasons(refusal(lambda: apply(shop, **fields)))) == [wrong]


def test_a_unit_in_use_stays(shop: PointsClient) -> None:
    shop.earn("ada", 5, unit="miles", reason="flight")

    refused = refusal(lambda: apply(shop, WITHOUT_MILES))

    assert (refused.reason, refused.metadata) == ("UNIT_IN_USE", {"unit": "miles"})
    assert shop.get_program().version.version == 0


def test_a_unit_that_nobody_has_used_may_go(shop: PointsClient) -> None:
    apply(shop, WITHOUT_MILES)

    refused = refusal(lambda: shop.get_balances("ada", unit="miles"))

    assert refused.reason == "UNIT_UNKNOWN"


def test_a_caller_who_looked_at_another_version_is_told(shop: PointsClient) -> None:
    apply(shop, expected_version=0)

    refused = refusal(lambda: apply(shop, WITH_STARS, expected_version=0))

    assert refused.reason == "PROGRAM_CHANGED"
    assert refused.metadata == {"expected_version": "0", "version": "1"}


def test_the_same_content_makes_no_version(shop: PointsClient) -> None:
    first = apply(shop).version

    again = apply(shop, f"# the same\n{DOCUMENT}").version

    assert (again.version, again.unchanged, first.unchanged) == (1, True, False)
    assert list(shop.list_program_versions()) == [first]


def test_a_repeated_request_is_told_to_be_one(shop: PointsClient) -> None:
    first = apply(shop, request_id="v1")

    again = apply(shop, request_id="v1")
    other = refusal(lambda: apply(shop, WITH_STARS, request_id="v1"))

    assert (again.version, again.replayed) == (first.version, True)
    assert other.reason == "REQUEST_ID_REUSED"


def test_what_is_only_validated_is_not_applied(shop: PointsClient) -> None:
    response = apply(shop, validate_only=True)

    assert response.version.version == 1
    assert list(shop.list_program_versions()) == []


@pytest.mark.parametrize(
    ("document", "document_format"),
    [
        (DOCUMENT, pb.DOCUMENT_FORMAT_UNSPECIFIED),
        (DOCUMENT, pb.DOCUMENT_FORMAT_YAML),
        (
            '{"program": "shop", "units": {"points": {"kind": "currency"}}}',
            pb.DOCUMENT_FORMAT_JSON,
        ),
        (
            'program = "shop"\n[units.points]\nkind = "currency"\n',
            pb.DOCUMENT_FORMAT_TOML,
        ),
    ],
)
def test_a_document_may_be_written_in_several_ways(
    shop: PointsClient, document: str, document_format: pb.DocumentFormat.ValueType
) -> None:
    found = shop.validate_program(document, document_format=document_format)

    assert (list(found.problems), len(found.digest)) == ([], 64)


def test_validate_program_tells_every_problem(shop: PointsClient) -> None:
    found = shop.validate_program(WRONG)

    (problem,) = found.problems
    assert (problem.path, problem.line) == ("units.qualifying_points.kind", 7)
    assert problem.column > 1
    assert (found.digest, list(found.lints)) == ("", [])


def test_validation_tells_what_is_seldom_wise(shop: PointsClient) -> None:
    found = shop.validate_program(DOCUMENT)

    assert found.digest == digest_of(load_document(DOCUMENT))
    assert all(lint.message and lint.path for lint in found.lints)
    assert not found.problems


def test_plan_program_says_in_words_what_would_change(shop: PointsClient) -> None:
    apply(shop)

    found = shop.plan_program(WITH_STARS)

    (change,) = found.changes
    assert (change.kind, change.thing, change.name) == (
        pb.ProgramChange.KIND_ADDED,
        "unit",
        "stars",
    )
    assert change.summary == "unit stars added"
    assert (found.version, found.added_count, found.removed_count) == (1, 1, 0)
    assert found.old_digest != found.new_digest


def test_a_plan_tells_what_differs_within_a_thing(shop: PointsClient) -> None:
    found = shop.plan_program(DOCUMENT.replace("program: shop", "program: store"))

    (change,) = (each for each in found.changes if each.thing == "program")
    (difference,) = (each for each in change.differences if each.path == "program")
    assert (difference.before, difference.after) == ("points", "store")
    assert found.altered_count >= 1


def test_a_plan_of_a_wrong_document_is_refused(shop: PointsClient) -> None:
    refused = refusal(lambda: shop.plan_program(WRONG))

    assert list(reasons(refused)) == ["document.units.qualifying_points.kind"]


def test_get_program_returns_a_version_with_its_document(shop: PointsClient) -> None:
    made = apply(shop).version

    found = shop.get_program()

    assert found.version == made
    assert sha256(found.document.encode()).hexdigest() == made.digest
    assert load_document(found.document) == load_document(DOCUMENT)


def test_what_a_server_was_started_with_has_a_document_too(shop: PointsClient) -> None:
    apply(shop)

    found = shop.get_program(0)

    document = load_document(found.document)
    assert (found.version.version, found.version.digest) == (0, digest_of(document))
    assert set(document.units) == {"points", "miles", "giants", "qualifying_points"}


@pytest.mark.parametrize("number", [-1, 1, 2**63 - 1])
def test_a_version_that_does_not_exist_is_not_found(
    shop: PointsClient, number: int
) -> None:
    refused = refusal(lambda: shop.get_program(number))

    assert refused.reason == "PROGRAM_NOT_FOUND"
    assert refused.metadata == {"version": str(number)}


def test_list_program_versions_begins_with_the_last(shop: PointsClient) -> None:
    documents = [f"{WITH_STARS}title: T{n}\n" for n in range(5)]
    made = [apply(shop, document).version for document in documents]

    found = list(shop.list_program_versions(page_size=2))
    page = shop.programs.ListProgramVersions(pb.ListProgramVersionsRequest(page_size=2))

    assert found == made[::-1]
    assert (len(page.versions), page.version_in_force) == (2, 5)


def test_the_feed_tells_of_each_part(shop: PointsClient) -> None:
    token = shop.list_changes(from_now=True).resume_token
    made = apply(shop).version

    page = shop.list_changes(resume_token=token, page_size=1_000)

    changes: list[Change] = list(page.changes)
    assert [change.kind for change in changes] == ["APPLY_PROGRAM"] * PARTS
    assert {each.outcome.program_version.digest for each in changes} == {made.digest}
    assert {each.outcome.member_id for each in changes} == {""}


def test_the_books_prove_right_with_versions(
    served_here: Served, shop: PointsClient
) -> None:
    shop.earn("ada", 5, reason="visit")
    apply(shop, WITH_STARS)
    shop.earn("ada", 5, unit="stars", reason="visit")

    assert shop.verify_ledger().finding_count == 0
    assert audit(served_here.engine.store.backend).differences == []


def test_reads_of_another_server_see_what_was_applied(
    serve: Callable[..., Served], postgres_database: str
) -> None:
    first, second = serve(postgres_database), serve(postgres_database)
    with PointsClient(first.address) as here, PointsClient(second.address) as there:
        here.create_member("ada")
        apply(here, WITH_STARS)

        assert there.get_balances("ada", unit="stars").balances[0].available == 0
        assert there.get_program().version.version == 1
        assert there.earn("ada", 5, unit="stars", reason="visit")


def test_a_restart_keeps_the_version(serve: Callable[..., Served]) -> None:
    first = serve()
    with PointsClient(first.address) as client:
        made = apply(client, WITH_STARS).version
    first.stop()
    with PointsClient(serve().address) as client:
        client.create_member("ada")

        assert client.get_program().version == made
        assert client.earn("ada", 5, unit="stars", reason="visit")
