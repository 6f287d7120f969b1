"""URLs: which name a ledger, and what is said about others."""

from __future__ import annotations

from pathlib import Path

import pytest

from points.store.errors import StoreRefused
from points.store.opening import parse_url, place_of


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada@localhost/points",
        "postgres://ada@localhost/points",
        "postgresql+psycopg://ada@localhost/points",
    ],
)
def test_every_name_of_postgresql_means_psycopg(url: str) -> None:
    assert parse_url(url).drivername == "postgresql+psycopg"


def test_a_file_is_named_by_its_path() -> None:
    assert parse_url("sqlite:///folder/points.db").database == "folder/points.db"


def test_a_file_may_have_a_name_that_is_no_utf_8() -> None:
    """Python has such bytes like this."""
    assert parse_url("sqlite:///a\udcffb").database == "a\udcffb"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "'' is not a database URL: use sqlite:///FILE or postgresql[+]psycopg"),
        ("points.db", "'points.db' is not a database URL"),
        ("http://example.org", "'http' is not supported: use sqlite:///FILE"),
        ("mysql://localhost/points", "'mysql' is not supported"),
        ("postgresql+asyncpg://localhost/points", "'postgresql[+]asyncpg' is not"),
        ("sqlite+aiosqlite:///points.db", "'sqlite[+]aiosqlite' is not supported"),
        ("sqlite://", "a ledger in memory is not durable"),
        ("sqlite:///", "a ledger in memory is not durable"),
        ("sqlite:///:memory:", "a ledger in memory is not durable"),
        ("postgresql://localhost:port/points", "is not a database URL"),
        ("postgresql://u:s3cret@h:abc/x", "'postgresql://[*]{3}@h:abc/x' is not a"),
        ("postgresql://u:s3c/r@et@h:abc/x", "'postgresql://[*]{3}@h:abc/x' is not a"),
        ("postgresql://u@h/a\udcff", "is not UTF-8: write bytes as %XX"),
    ],
)
def test_any_other_url_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(StoreRefused, match=sentence):
        parse_url(url)


def test_the_place_of_a_file_is_its_whole_path() -> None:
    place = place_of(parse_url("sqlite:///points.db"))

    assert place == str(Path.cwd() / "points.db")


def test_the_place_of_a_database_tells_no_password() -> None:
    place = place_of(parse_url("postgresql://ada:secret@localhost/points"))

    assert place == "postgresql+psycopg://ada:***@localhost/points"
