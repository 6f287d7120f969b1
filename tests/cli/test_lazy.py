"""What a command does not use is not imported: that took seconds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from points.cli.main import COMMANDS
from points.store.opening import open_store


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_says_what_the_command_says_of_itself(name: str) -> None:
    said = COMMANDS[name].load().get_short_help_str(limit=200)

    assert said == COMMANDS[name].summary


@pytest.mark.parametrize("name", ["close", "watch"])
def test_a_client_does_without_the_engine(name: str) -> None:
    imported = modules_after(
        f"from points.cli.main import COMMANDS; COMMANDS[{name!r}].load()"
    )

    assert "points.client" in imported
    assert imported.isdisjoint({"points.engine", "points.store", "sqlalchemy"})


def test_a_server_on_sqlite_does_without_what_it_does_not_use(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'points.db'}"
    with open_store(url):
        pass

    imported = modules_after(
        "import points.cli.serve; from points.store.opening import open_store;"
        f"open_store({url!r}).__enter__()"
    )

    assert "points.engine.engine" in imported
    assert imported.isdisjoint({"alembic", "psycopg", "points.demo"})


def modules_after(program: str) -> set[str]:
    """Returns what a Python of its own has imported at the end of a program."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())
