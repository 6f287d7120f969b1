"""`points sweep`: sweeps once and says what it did."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from points.domain.commands import CreateMember, Earn
from points.domain.program import program_of
from points.engine.engine import running_engine
from points.settings import SettingsWrong, load_settings, program_in
from points.store.opening import open_store
from tests.cli.conftest import Points
from tests.cli.ledgers import PROGRAM
from tests.clock import DAY, NOON, Clock


EARN = Earn(member_id="ada", request_id="e0", unit="points", points=1_500, reason="r")


@pytest.fixture
def ledger(database_url: str, folder: Path) -> str:
    """Returns the URL of a ledger, on each database, with a lot that expired."""
    del folder
    with (
        open_store(database_url, migrating=True) as store,
        # Long ago, so that the real clock finds it expired.
        running_engine(store, PROGRAM, clock=Clock(NOON - 3_000 * DAY)) as engine,
    ):
        engine.execute(CreateMember(member_id="ada", request_id="1"))
        end = NOON - 2_000 * DAY
        for command in (
            replace(EARN, request_id="e1", expire_time=end),
            replace(EARN, request_id="e2", waits_for="delivery", cancel_time=end),
            EARN,
        ):
            engine.execute(command)
    return database_url


def test_a_sweep_says_what_it_did(points: Points, ledger: str) -> None:
    ended = points("sweep", f"--database-url={ledger}")

    words = [line.replace("│", " ").split() for line in ended.out.splitlines()]
    assert ended.status == 0
    assert ["swept", "lots", "2"] in words
    assert ["expired", "points", "1,500"] in words
    assert ["cancelled", "points", "1,500"] in words


def test_programs_get_json(points: Points, ledger: str) -> None:
    first, second = (
        json.loads(points("sweep", "--json", f"--database-url={ledger}").out)
        for _ in range(2)
    )

    assert first == {
        "lapsed_holds": 0,
        "lapsed_claims": 0,
        "swept_lots": 2,
        "expired_points": {"points": 1_500},
        "cancelled_points": {"points": 1_500},
        "noticed_lots": 0,
        "noticed_demotions": 0,
        "swept_standings": 0,
        "scored_members": 0,
        "run_jobs": 0,
        "nothing_due": 0,
        "failed": 0,
        "finished": True,
    }
    assert second["swept_lots"] == 0


def test_a_swept_ledger_agrees_with_its_records(points: Points, ledger: str) -> None:
    points("sweep", f"--database-url={ledger}")

    assert points("verify", f"--database-url={ledger}").status == 0


def test_a_ledger_that_is_not_there_is_not_made(points: Points, folder: Path) -> None:
    ended = points("sweep", "--database-url=sqlite:///nowhere.db")

    assert (ended.status, (folder / "nowhere.db").exists()) == (1, False)


TABLES = """
zone = "Europe/Berlin"
[expiry]
points = { after = "P12M", round = "END_OF_MONTH" }
[activation]
points = "P14D"
[notice]
points = "P30D"
"""


def test_the_file_says_how_points_live(folder: Path) -> None:
    (folder / "points.toml").write_text(TABLES)

    assert program_in(load_settings()) == program_of(
        currency_units=("points",),
        growth_units=("qualifying_points",),
        sinks=("redemption", "donation", "auction", "purchase", "fee"),
        zone="Europe/Berlin",
        expiry={"points": {"after": "P12M", "round": "END_OF_MONTH"}},
        activation={"points": "P14D"},
        notice={"points": "P30D"},
    )


def test_a_flag_or_variable_is_a_json_object(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder
    monkeypatch.setenv("POINTS_EXPIRY", '{"points": {"after": "P1D"}}')

    found = load_settings(activation='{"points": "P2D"}')

    assert (found.expiry, found.activation) == (
        {"points": {"after": "P1D"}},
        {"points": "P2D"},
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"zone": "Berlin"}, "zone must be the IANA name of a zone"),
        ({"expiry": "P12M"}, "expiry: Value error, must be a JSON object"),
        ({"expiry": '["P12M"]'}, "expiry: Input should be a valid dictionary"),
        ({"expiry": '{"points": {"after": "P"}}'}, "expiry.points.after must be"),
        ({"expiry": '{"miles": {"never": true}}'}, "expiry.miles is no unit"),
        ({"activation": '{"points": 14}'}, "activation.points must be"),
        ({"notice": '{"points": "soon"}'}, "notice.points must be"),
        ({"notice": '{"miles": "P1D"}'}, "notice.miles is no unit"),
        ({"sweep_interval_seconds": "-1"}, "sweep_interval_seconds"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_start(
    folder: Path, flags: dict[str, Any], said: str
) -> None:
    assert folder
    with pytest.raises(SettingsWrong) as wrong:
        load_settings(**flags)

    assert said in str(wrong.value)
