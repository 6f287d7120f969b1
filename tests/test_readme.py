"""The README tells the truth."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor

from points.cli.main import COMMANDS
from points.domain.refusals import Refusal
from points.program.document.earning import Rule
from points.program.loading.documents import read_tree
from points.program.shipped import shipped_text
from points.server.errors import CODES
from points.settings import Settings, load_settings
from points.store.opening import open_store_to_read
from points.store.proof.audit import audit
from tests.cli.ledgers import fill
from tests.services import METHODS
from tests.serving import ServerProcess, clean_environment, points_command


ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text()
PROGRAM: Final = (ROOT / "src" / "points" / "program" / "README.md").read_text()
LINK: Final = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)")


def blocks(language: str, page: str = README) -> list[str]:
    """Returns the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_every_link_to_a_file_leads_to_its_title() -> None:
    for path, title in LINK.findall(README):
        assert (ROOT / path).exists()
        if title:
            found = re.findall(r"^#+ (.*)$", (ROOT / path).read_text(), re.MULTILINE)
            assert title in [each.lower().replace(" ", "-") for each in found]


def test_the_table_of_expiry_is_one_that_a_server_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (shown,) = blocks("toml", PROGRAM)
    lines = [line.removeprefix("# ") for line in shown.splitlines()]
    ways = [line for line in lines if line.startswith("points = {")]
    assert len(ways) == 4
    for way in ways:
        (tmp_path / "points.toml").write_text(f"[expiry]\n{way}\n")
        assert set(load_settings().expiry) == {"points"}
    (tmp_path / "points.toml").write_text(shown)
    assert load_settings().zone == "Europe/Berlin"


def rows_after(title: str) -> dict[str, str]:
    """Returns the first and second column of the first table after a title."""
    table = README.partition(title)[2].partition("|---|")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines()[1:]]
    return {row[0].strip("|` "): row[1].strip("|` ") for row in rows}


def is_served(channel: grpc.Channel, method: MethodDescriptor) -> bool:
    """Says whether a server has the method, whatever it answers."""
    call: Any = channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}"
    )
    code = call.future(b"", timeout=5).code()
    return code is not grpc.StatusCode.UNIMPLEMENTED


def test_the_python_example_prints_what_its_comments_say(
    start_server: Callable[..., ServerProcess], sqlite_url: str
) -> None:
    server = start_server(sqlite_url)
    (example,) = blocks("python")
    promised = re.findall(r"print\(.*?\)  # (.*?)(?::.*)?\n", example)

    script = example.replace("127.0.0.1:50051", server.address)
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout.splitlines() == promised


def test_the_two_commands_of_a_newcomer_stand_alone() -> None:
    alone = [block.strip() for block in blocks("sh") if len(block.splitlines()) == 1]
    assert alone[:2] == [
        "pip install uv && uv run points serve",
        "pip install uv && uv run pytest",
    ]


def test_the_demo_runs_as_written(tmp_path: Path) -> None:
    assert "uv run points demo\n" in blocks("sh")
    done = subprocess.run(
        points_command("demo", "--limit=300"),
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_about_a_program_run_as_written(tmp_path: Path) -> None:
    (block,) = [each for each in blocks("sh") if "points program" in each]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", block.replace("uv run ", "")],
        cwd=tmp_path,
        env=clean_environment() | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "program retail can be used" in done.stdout
    assert json.loads((tmp_path / "program.schema.json").read_text())


def test_the_rule_of_the_readme_is_a_rule() -> None:
    (shown,) = blocks("yaml", PROGRAM)
    rules = read_tree(shown).value["rules"]
    shipped = read_tree(shipped_text("retail")).value["rules"]["purchase"]
    award = rules["purchase"]["awards"][0]
    assert award.items() <= shipped["awards"][0].items()
    assert Rule.model_validate(rules["purchase"]).when == shipped["when"]


def test_the_way_from_sqlite_to_postgresql_is_as_written(
    tmp_path: Path, postgres_database: str
) -> None:
    (way,) = [block for block in blocks("sh") if "points export" in block]
    fill(f"sqlite:///{tmp_path}/points.db")

    for line in way.splitlines():
        written = line.removeprefix("uv run points ")
        url = "postgresql+psycopg://user@host/points"
        done = subprocess.run(
            points_command(*written.replace(url, postgres_database).split()),
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    with open_store_to_read(postgres_database) as store:
        found = audit(store.backend)
    assert (found.counts.records, found.findings) == (3, [])


def test_the_settings_table_is_complete() -> None:
    shown = {
        name: ",".join(field.default) or "none"
        if isinstance(field.default, tuple)
        else str(field.default) or "none"
        for name, field in Settings.model_fields.items()
    }
    assert rows_after("### Settings") == shown


def test_the_rpcs_in_the_tables_are_those_that_are_served(
    start_server: Callable[..., ServerProcess], sqlite_url: str
) -> None:
    shown = re.findall(r"^\| `([A-Z]\w+)` \|", README, re.MULTILINE)
    with grpc.insecure_channel(start_server(sqlite_url).address) as channel:
        served = [method.name for method in METHODS if is_served(channel, method)]

    assert sorted(shown) == sorted(served)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_table(command: str) -> None:
    assert f"| `points {command}` |" in README


@pytest.mark.parametrize("refusal", sorted(CODES, key=str))
def test_every_refusal_is_named(refusal: type[Refusal]) -> None:
    hidden = {"INTERNAL", "BATCH_ABORTED", "REVISION_UNKNOWN", "NOTHING_DUE"}
    reason = refusal.reason()
    assert reason in README or reason in hidden
