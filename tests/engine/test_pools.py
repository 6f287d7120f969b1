"""What members earn goes to an account they share, in the very transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from points.domain.commands import (
    ActivateLot,
    CancelLot,
    FreezeMember,
    SetPool,
    ShortfallPolicy,
)
from points.domain.identity import part_of
from points.domain.refusals import (
    InvalidArgument,
    MemberFrozen,
    MemberNotFound,
    PoolUnknown,
    SameMember,
    VelocityExceeded,
)
from points.domain.values import Kind, Velocity
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_limits import set_limits
from tests.domain.undoing import reverse
from tests.engine.build import (
    balance,
    carry_out,
    engine_under,
    record_of,
    result,
    submit,
)
from tests.engine.build_pools import (
    DOCUMENT,
    NAMES,
    done,
    lifetimes,
    merge,
    moved,
    purchase,
    set_pool,
    waiting_lot,
)
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with pools, and two people with a company and a home."""
    with engine_under(DOCUMENT, NAMES, store, clock) as running:
        yield running


def test_what_an_employee_earns_is_the_companys(engine: Engine) -> None:
    done(engine, set_pool())
    earned = moved(done(engine, purchase(100)))

    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 100]
    assert (earned.balance_after, earned.counterparty) == (0, "acme")


def test_a_household_gets_its_share_and_the_rest_stays(engine: Engine) -> None:
    done(engine, set_pool("household", "home"))
    done(engine, purchase(100))

    assert [balance(engine, name) for name in ("ada", "home")] == [67, 33]


def test_the_halves_name_each_other(engine: Engine) -> None:
    done(engine, set_pool())
    given = done(engine, purchase(100))
    place = moved(given).counterparty_place
    assert place is not None
    with open_snapshot(engine.store.backend) as snapshot:
        taken = snapshot.record(*place)

    assert taken is not None
    assert (taken.member_id, taken.kind) == ("acme", Kind.POOL_IN)
    assert moved(taken).counterparty == "ada"
    assert moved(taken).counterparty_place == given.place()


def test_lots_keep_their_times_and_what_they_wait_for(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    query = (
        "SELECT unit, expire_time, waits_for, number, part FROM lot"
        " WHERE member_id = '{}' AND unit <> 'merits' ORDER BY unit"
    )
    hers, theirs = (rows(engine.store, query.format(n)) for n in ("ada", "acme"))

    assert [one[:3] for one in hers] == [one[:3] for one in theirs]
    assert theirs[0][2] == "received"
    lot_id = f"l{theirs[0][4]}-{theirs[0][3]}"
    done(engine, ActivateLot(member_id="acme", request_id="act", lot_id=lot_id))
    assert balance(engine, "acme", "miles") == 3


def test_a_pending_share_that_is_cancelled_goes_back(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    lot_id = waiting_lot(engine, "acme")
    done(
        engine,
        CancelLot(member_id="acme", request_id="cancel", lot_id=lot_id, reason="lost"),
    )

    assert balance(engine, "acme", "miles") == 0
    assert lifetimes(engine, "miles") == {"ada": 3, "acme": 0}


def test_a_share_that_was_never_usable_is_taken_off_nobodys_lifetime(
    engine: Engine, clock: Clock
) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    clock.now += 6 * DAY
    unswept = lifetimes(engine, "miles")
    sweep(engine)

    assert unswept == lifetimes(engine, "miles") == {"ada": 3, "acme": 0}


def test_what_was_merged_and_is_cancelled_counts_where_it_was_earned(
    engine: Engine,
) -> None:
    done(engine, purchase(100))
    done(engine, merge("ada", "home"))
    lot_id = waiting_lot(engine, "home")
    done(
        engine,
        CancelLot(member_id="home", request_id="cancel", lot_id=lot_id, reason="lost"),
    )

    assert lifetimes(engine, "miles") == {"ada": 3, "home": 0}


def test_a_pools_share_that_is_cancelled_is_not_taken_off_its_tier(
    store: Store, clock: Clock
) -> None:
    counted = DOCUMENT.replace("unit: merits}", "unit: miles}", 1)
    with engine_under(counted, NAMES, store, clock) as engine:
        done(engine, set_pool())
        done(engine, purchase(100))
        lot_id = waiting_lot(engine, "acme")
        done(
            engine,
            CancelLot(
                member_id="acme", request_id="cancel", lot_id=lot_id, reason="lost"
            ),
        )

        assert rows(engine.store, "SELECT member_id FROM progress") == [("ada",)]


def test_what_was_earned_counts_for_who_earned_it(engine: Engine) -> None:
    done(engine, set_pool())
    record = moved(done(engine, purchase(100)))

    assert [each.tier for each in record.standings] == ["high"]
    query = "SELECT lifetime_earned FROM account WHERE unit = 'points' AND account = "
    assert rows(engine.store, f"{query}'member:ada'") == [(100,)]
    assert rows(engine.store, f"{query}'member:acme'") == [(0,)]


def test_a_plain_earn_is_pooled_and_can_be_burned_there(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, earn(points=40, request_id="e1"))
    done(engine, burn(member_id="acme", points=40, request_id="b1"))

    assert balance(engine, "acme") == 0


def test_a_velocity_counts_what_was_earned_whatever_a_pool_gets(
    engine: Engine,
) -> None:
    bound = Velocity("EARN", "DAY", points_max=100)
    done(engine, set_pool("household", "home"))
    carry_out(engine, set_limits(velocities=(bound,)))
    done(engine, purchase(100))
    (beyond,) = carry_out(engine, purchase(1))

    assert isinstance(result(beyond), VelocityExceeded)
    assert balance(engine, "home") == 33


def test_what_the_pool_owes_is_repaid_first(engine: Engine) -> None:
    earned = done(engine, earn(member_id="acme", points=30, request_id="e1"))
    done(engine, burn(member_id="acme", points=30, request_id="b1"))
    done(
        engine,
        reverse(
            member_id="acme",
            transaction_id=earned.place().transaction_id(),
            shortfall_policy=ShortfallPolicy.SHORTFALL,
        ),
    )
    done(engine, set_pool())
    done(engine, purchase(100))

    assert balance(engine, "acme") == 70


def test_who_comes_into_a_pool_earns_for_it_with_the_next_command(
    engine: Engine,
) -> None:
    futures = [
        submit(engine, purchase(10)),
        submit(engine, set_pool()),
        submit(engine, purchase(20)),
        submit(engine, set_pool("", "")),
        submit(engine, purchase(40)),
    ]
    for future in futures:
        future.result()

    assert [balance(engine, name) for name in ("ada", "acme")] == [50, 20]


def test_an_atomic_job_may_set_a_pool_and_earn_for_it(engine: Engine) -> None:
    carry_out(engine, set_pool(), purchase(20), purchase(30), atomic=True)

    assert balance(engine, "acme") == 50


def test_a_simulated_activity_leaves_no_trace(engine: Engine) -> None:
    done(engine, set_pool())
    (answer,) = carry_out(engine, purchase(20), validate_only=True)

    assert moved(record_of(answer)).counterparty == "acme"
    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 0]


def test_a_frozen_pool_takes_nothing(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, FreezeMember(member_id="acme", request_id="freeze"))
    done(engine, purchase(20))

    assert [balance(engine, name) for name in ("ada", "acme")] == [20, 0]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (set_pool("none"), PoolUnknown("none")),
        (set_pool(into="ada"), SameMember("ada")),
        (set_pool(into="nobody"), MemberNotFound("nobody")),
        (set_pool(member_id="nobody"), MemberNotFound("nobody")),
        (set_pool(into="cold"), MemberFrozen("cold")),
        (
            set_pool(into="bob"),
            InvalidArgument({"pools_into": "earns into 'home' itself"}),
        ),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(
    engine: Engine, command: SetPool, refusal: object
) -> None:
    done(engine, set_pool("household", "home", member_id="bob"))
    done(engine, create_member(member_id="cold", request_id="create"))
    done(engine, FreezeMember(member_id="cold", request_id="freeze"))
    (answer,) = carry_out(engine, command)

    assert result(answer) == refusal


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"pool": "", "pools_into": "acme"}, "pools_into"),
        ({"pool": "company", "pools_into": ""}, "pools_into"),
        ({"pool": "x" * 65, "pools_into": "acme"}, "pool"),
    ],
)
def test_a_malformed_pool_is_refused(fields: dict[str, str], wrong: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        set_pool(**fields).check()

    assert set(refused.value.violations) == {wrong}


def test_a_pool_that_the_program_has_no_more_takes_nothing(
    engine: Engine, store: Store, clock: Clock
) -> None:
    done(engine, set_pool())
    engine.writer.stop()
    program = to_program(load_document(DOCUMENT.replace("company", "firm")))
    with running_engine(store, program, clock=clock) as other:
        done(other, purchase(20))

        assert [balance(other, name) for name in ("ada", "acme")] == [20, 0]


def test_pools_go_along_with_an_export(engine: Engine, tmp_path: Path) -> None:
    done(engine, set_pool())
    done(engine, purchase(20))
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))

        query = "SELECT pool, pools_into FROM member WHERE member_id = 'ada'"
        assert rows(other, query) == [("company", "acme")]
        assert audit(other.backend).differences == []


def test_earner_and_pool_may_share_a_part(engine: Engine) -> None:
    part = part_of("ada", engine.store.part_count)
    names = (f"firm{number}" for number in range(10_000))
    near = next(n for n in names if part_of(n, engine.store.part_count) == part)
    done(engine, create_member(member_id=near, request_id="create"))
    done(engine, set_pool(into=near))
    done(engine, purchase(100))
    done(engine, purchase(100))

    assert [balance(engine, name) for name in ("ada", near)] == [0, 200]
