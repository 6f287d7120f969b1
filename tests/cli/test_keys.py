"""The file with the server's keys: made once, kept for its owner, and missed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest
from structlog.testing import capture_logs

from points.cli import keys
from points.cli.keys import keys_in, read_keys
from points.engine.plugins.keys import NO_KEYS
from points.settings import Settings, load_settings
from points.store.opening import Store, open_store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Returns the settings of a ledger in a file, all others as they are."""
    return load_settings(database_url=f"sqlite:///{tmp_path / 'shop.db'}")


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Store]:
    """Yields that ledger."""
    with open_store(settings.database_url, part_count=1) as store:
        yield store


def test_a_file_is_made_beside_the_ledger_for_its_owner_alone(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    path = tmp_path / "shop.db.keys"
    first = keys_in(settings, ledger.backend)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys_in(settings, ledger.backend).ids == first.ids
    assert [each.name for each in tmp_path.glob("*.keys*")] == ["shop.db.keys"]
    tables = b"".join(
        each.read_bytes() for each in tmp_path.glob("shop.db*") if each != path
    )
    assert read_keys(path)[0].hex().encode() not in tables


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it a file system in which a file has one name."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("no_links")
def test_a_file_system_without_links_will_do(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    made = keys_in(settings, ledger.backend)

    path = tmp_path / "shop.db.keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys_in(settings, ledger.backend).ids == made.ids != ()
    assert [each.name for each in tmp_path.glob("*.keys*")] == ["shop.db.keys"]


@pytest.mark.usefixtures("no_links")
def test_nobody_sees_half_of_a_file_where_there_are_no_links(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    path = tmp_path / "shop.db.keys"
    with ThreadPoolExecutor(4) as threads:
        found = [
            threads.submit(lambda: keys_in(settings, ledger.backend).ids)
            for _ in range(16)
        ]
        while not path.exists():
            pass
        text = path.read_text()

    assert text == path.read_text()
    assert len({each.result() for each in found}) == 1
    assert [each.name for each in tmp_path.glob("*.keys*")] == ["shop.db.keys"]


@pytest.mark.usefixtures("no_links")
def test_what_a_server_that_died_has_left_is_named(
    settings: Settings, ledger: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_WAIT_SECONDS", 0.1)
    left = tmp_path / "shop.db.keys.new"
    left.write_text("# half of")

    with pytest.raises(click.ClickException, match=r"shop\.db\.keys\.new: another"):
        keys_in(settings, ledger.backend)
    left.unlink()
    assert keys_in(settings, ledger.backend).ids


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_and_its_name_outlast_a_loss_of_power(
    settings: Settings,
    ledger: Store,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    *,
    has_links: bool,
) -> None:
    if not has_links:
        request.getfixturevalue("no_links")
    path = Path(f"{settings.database_url.removeprefix('sqlite:///')}.keys")
    sync, kept, named = os.fsync, list[bool](), list[bool]()

    def fsync(handle: int) -> None:
        kept.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        named.append(path.exists())
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    keys_in(settings, ledger.backend)

    # First the file, which has no name as yet; then its name.
    assert kept[:1] == [False]
    assert kept[-1:] == [True]
    assert named == kept


def test_servers_that_start_at_once_have_the_same_keys(
    settings: Settings, ledger: Store
) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda _: keys_in(settings, ledger.backend).ids, range(4))

    assert len(set(found)) == 1


def test_a_lost_file_is_not_made_anew(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    path, (known,) = tmp_path / "shop.db.keys", keys_in(settings, ledger.backend).ids
    path.unlink()

    with pytest.raises(click.ClickException, match=known):
        keys_in(settings, ledger.backend)
    assert not path.exists()


def test_a_file_of_another_name_is_made_and_read(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    named = settings.model_copy(update={"keys": str(tmp_path / "keys.txt")})
    made = keys_in(named, ledger.backend)
    path = tmp_path / "keys.txt"
    path.write_text(f"# a newer one\n{'ab' * 32}\n\n{path.read_text()}")

    assert keys_in(named, ledger.backend).ids[1:] == made.ids
    assert keys_in(named, ledger.backend).of("wheel")[1:] == made.of("wheel")


def test_without_keys_nothing_is_made(
    settings: Settings, ledger: Store, tmp_path: Path
) -> None:
    on_postgresql = {"database_url": "postgresql+psycopg://nobody@nowhere/points"}
    for update in ({"keys": "none"}, {"keys": ""}, on_postgresql):
        found = keys_in(settings.model_copy(update=update), ledger.backend)
        assert found.ids == NO_KEYS.ids
    assert not list(tmp_path.glob("*.keys"))


def test_a_server_without_keys_names_those_that_the_ledger_was_served_with(
    settings: Settings, ledger: Store
) -> None:
    without = settings.model_copy(update={"keys": "none"})
    with capture_logs() as before:
        keys_in(without, ledger.backend)
    (known,) = keys_in(settings, ledger.backend).ids
    with capture_logs() as told:
        keys_in(without, ledger.backend)

    assert [each["event"] for each in before] == ["no_keys"]
    assert [each["event"] for each in told] == ["no_keys", "keys_missing"]
    assert told[-1]["keys"] == [known]


@pytest.mark.parametrize("text", ["", "# none\n", "12\n", "zz" * 32, f"{'1' * 64}\n1"])
def test_a_file_without_whole_keys_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)

    with pytest.raises(click.ClickException, match="64 hexadecimal digits"):
        read_keys(path)
