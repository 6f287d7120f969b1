"""Erasures: what is personal is gone everywhere, and the books still prove right."""

from __future__ import annotations

from typing import Final

import pytest

from points.domain.commands import Command
from points.domain.identity import part_of
from points.domain.personal import salted
from points.domain.refusals import MemberErased, MemberHasHolds, RequestIdReused
from points.domain.values import Erasure, MemberState, Transaction
from points.engine import recording
from points.engine.engine import Engine
from points.engine.jobs import Outcome
from points.store.reads.reader import open_snapshot
from tests.domain.build import burn, create_member, earn, freeze_member, update_member
from tests.domain.build_limits import set_limits
from tests.domain.test_merge import erase, merge
from tests.domain.test_transfer import transfer
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    record_of,
    result,
    run_sql,
)
from tests.engine.test_merges import held_by
from tests.engine.test_transfers import transactions
from tests.store.build import put, rows, statements


SECRET: Final = {"name": "Ada Lovelace"}


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """Returns an engine that knows secrets of Ada and of Bob."""
    carry_out(
        engine,
        create_member(request_id="ada", attributes=SECRET),
        create_member(member_id="bob", request_id="bob", attributes={"name": "Bob"}),
        update_member(request_id="u", attributes={"city": "London"}),
        earn(request_id="e", metadata={"shop": "by her house"}),
        burn(request_id="b", points=10, metadata={"seat": "12A"}),
        transfer(request_id="t", points=30, metadata={"card": "dear Bob"}),
        burn(request_id="x", points=10_000),
    )
    return engine


def personal(engine: Engine, member_id: str = "ada") -> list[str]:
    """Returns the personal data in the records of a member."""
    query = f"SELECT personal FROM record WHERE member_id = '{member_id}'"
    return [text for (text,) in rows(engine.store, query) if text]


def test_nothing_personal_is_left_of_an_erased_member(pair: Engine) -> None:
    assert len(personal(pair)) == 5

    carry_out(pair, erase())

    assert personal(pair) == []
    query = "SELECT state, attributes FROM member WHERE member_id = 'ada'"
    assert rows(pair.store, query) == [("ERASED", "{}")]


def test_others_keep_what_is_theirs(pair: Engine) -> None:
    carry_out(pair, erase())

    assert len(personal(pair, "bob")) == 1


def test_the_books_of_an_erased_member_prove_right(pair: Engine) -> None:
    carry_out(pair, erase())

    assert differences(pair.store) == []
    assert balance(pair) == 60


def test_the_history_of_an_erased_member_is_read_without_what_was_personal(
    pair: Engine,
) -> None:
    carry_out(pair, erase())

    history = [record.result for record in transactions(pair, "ada")]
    assert len(history) == 3
    assert all(isinstance(one, Transaction) and not one.metadata for one in history)


def test_what_the_same_batch_wrote_before_is_erased_too(engine: Engine) -> None:
    carry_out(
        engine,
        create_member(request_id="ada", attributes=SECRET),
        earn(request_id="e", metadata=SECRET),
        erase(),
    )

    assert personal(engine) == []
    assert differences(engine.store) == []


def test_nothing_is_written_to_an_erased_member_again(pair: Engine) -> None:
    carry_out(pair, erase())

    found = carry_out(
        pair,
        earn(request_id="x1", metadata=SECRET),
        burn(request_id="x2", metadata=SECRET),
        update_member(request_id="x3", attributes=SECRET),
        freeze_member(request_id="x4"),
        set_limits(request_id="x5"),
        erase(request_id="x6"),
        merge(request_id="x7"),
        merge(member_id="bob", into_member_id="ada", request_id="x8"),
    )

    assert [result(answer) for answer in found] == [MemberErased("ada")] * 8
    assert personal(pair) == []
    assert differences(pair.store) == []


def test_a_merged_member_can_be_erased(pair: Engine) -> None:
    carry_out(pair, merge(), erase(request_id="last"))

    assert personal(pair) == []
    assert differences(pair.store) == []
    with open_snapshot(pair.store.backend) as snapshot:
        member = snapshot.member(part_of("ada", pair.store.part_count), "ada")
    assert member is not None
    assert (member.state, member.merged_into) == (MemberState.ERASED, "bob")


def test_a_replayed_erasure_gets_the_first_answer(pair: Engine) -> None:
    first = pair.execute(erase())

    assert pair.execute(erase()) == first._replace(replayed=True)
    assert isinstance(first.record.result, Erasure)


def test_a_replay_of_what_was_erased_tells_nothing_personal(pair: Engine) -> None:
    carry_out(pair, erase())

    command = earn(request_id="e", metadata={"shop": "by her house"})
    (answer,) = carry_out(pair, command)

    assert isinstance(answer, Outcome)
    assert answer.replayed
    found = record_of(answer).result
    assert isinstance(found, Transaction)
    assert found.metadata == {}


def test_an_erasure_that_is_only_validated_erases_nothing(pair: Engine) -> None:
    carry_out(pair, erase(), validate_only=True)

    assert len(personal(pair)) == 5


def test_an_erasure_that_an_atomic_batch_undoes_erases_nothing(pair: Engine) -> None:
    carry_out(
        pair, erase(), burn(member_id="bob", request_id="x", points=99), atomic=True
    )

    assert len(personal(pair)) == 5
    assert differences(pair.store) == []


def test_a_member_with_open_holds_is_not_erased(pair: Engine) -> None:
    put(pair.store, held_by(pair, "ada"))

    (answer,) = carry_out(pair, erase())

    assert result(answer) == MemberHasHolds("ada", 1)


def test_only_batches_that_erase_pay_for_it(pair: Engine) -> None:
    with statements(pair.store.backend) as seen:
        carry_out(pair, earn(request_id="more"))
    with statements(pair.store.backend) as erasing:
        carry_out(pair, erase())

    assert not any("SET personal" in sql for sql, _ in seen)
    assert sum("SET personal" in sql for sql, _ in erasing) == 1


def test_personal_data_that_were_lost_without_an_erasure_are_found(
    pair: Engine,
) -> None:
    run_sql(
        pair.store,
        "UPDATE record SET personal = '' WHERE personal LIKE '%by her house%'",
    )

    assert any("lost personal data" in what for what in differences(pair.store))


def test_personal_data_that_came_back_after_an_erasure_are_found(pair: Engine) -> None:
    query = "SELECT personal FROM record WHERE personal LIKE '%by her house%'"
    ((kept,),) = rows(pair.store, query)
    carry_out(pair, erase())

    run_sql(
        pair.store,
        f"UPDATE record SET personal = '{kept}' WHERE request_id = 'e'"
        " AND member_id = 'ada'",
    )

    (difference,) = differences(pair.store)
    assert difference.endswith("has personal data, 'ada' was erased")


def fingerprints(engine: Engine) -> dict[str, str]:
    """Returns the fingerprint of each request of Ada."""
    query = "SELECT request_id, fingerprint FROM record WHERE member_id = 'ada'"
    return dict(rows(engine.store, query))


def test_no_fingerprint_tells_what_an_erased_member_was_called(pair: Engine) -> None:
    guess = create_member(request_id="ada", attributes=SECRET)
    asked = {
        "x1": earn(request_id="x1", metadata=SECRET),
        "x2": update_member(request_id="x2", attributes=SECRET, etag="stale"),
        "x3": earn(request_id="x3", unit="shells", metadata=SECRET),
    }
    carry_out(pair, asked["x2"])
    carry_out(pair, erase())
    carry_out(pair, asked["x1"], asked["x3"])

    kept = fingerprints(pair)

    assert {name: one.fingerprint() == kept[name] for name, one in asked.items()} == {
        "x1": False,
        "x2": False,
        "x3": False,
    }
    assert kept["ada"] != guess.fingerprint()
    assert personal(pair) == []
    assert differences(pair.store) == []


def test_replays_are_told_from_other_requests_as_long_as_nothing_is_erased(
    pair: Engine,
) -> None:
    same = create_member(request_id="ada", attributes=SECRET)
    stale = update_member(request_id="s", attributes=SECRET, etag="stale")
    carry_out(pair, stale)

    first, other, refused, changed = carry_out(
        pair,
        same,
        create_member(request_id="ada", attributes={"name": "Eve"}),
        stale,
        update_member(request_id="s", attributes=SECRET, etag="staler"),
    )

    assert isinstance(first, Outcome)
    assert first.replayed
    assert other == RequestIdReused("ada", "ada")
    assert isinstance(refused, Outcome)
    assert refused.replayed
    assert changed == RequestIdReused("ada", "s")


def test_a_request_of_an_erased_member_keeps_its_outcome(pair: Engine) -> None:
    created = record_of(
        carry_out(pair, create_member(request_id="ada", attributes=SECRET))[0]
    )
    carry_out(pair, erase())

    same, other, plain = carry_out(
        pair,
        create_member(request_id="ada", attributes=SECRET),
        create_member(request_id="ada", attributes={"name": "Eve"}),
        burn(request_id="x", points=9),
    )

    found = [record_of(answer).number for answer in (same, other)]
    assert found == [created.number] * 2
    assert plain == RequestIdReused("ada", "x")


def salted_once(command: Command, fingerprint: str, salt: str) -> str:
    """Returns the fingerprint as records had it before they told what stays."""
    told = salted(command, fingerprint, salt)
    return told.rpartition(":")[0]


def test_a_request_of_before_fingerprints_told_what_stays_can_be_repeated(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = create_member(request_id="ada", attributes=SECRET)
    changed = create_member(request_id="ada", attributes={"name": "Eve"})
    with monkeypatch.context() as old:
        old.setattr(recording, "salted", salted_once)
        (first,) = carry_out(engine, own)

    again, other = carry_out(engine, own, changed)
    carry_out(engine, erase())
    (erased,) = carry_out(engine, changed)

    created = record_of(first).number
    assert [record_of(each).number for each in (again, erased)] == [created] * 2
    assert other == RequestIdReused("ada", "ada")
    assert differences(engine.store) == []
