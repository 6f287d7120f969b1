"""The proxy loses connections at the moment that a test asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine, exc, text


if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql.proxy import TcpProxy


@pytest.fixture
def direct(postgres_database: str) -> Iterator[Engine]:
    """Yield an engine on a database with a table, past the proxy."""
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE account (points int)"))
    yield engine
    engine.dispose()


@pytest.fixture
def proxied(direct: Engine, postgres_proxy: TcpProxy) -> Iterator[Engine]:
    """Yield an engine on the same database, through the proxy."""
    url = direct.url.render_as_string(hide_password=False)
    engine = create_engine(postgres_proxy.url(url))
    yield engine
    engine.dispose()


def earn(engine: Engine) -> None:
    """Commit one row."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO account VALUES (7)"))


def rows(engine: Engine) -> int:
    """Count the rows."""
    with engine.connect() as connection:
        result = connection.execute(text("SELECT count(*) FROM account"))
        return int(result.scalar_one())


def test_what_is_sent_arrives_and_is_answered(proxied: Engine) -> None:
    earn(proxied)

    assert rows(proxied) == 1


def test_a_large_answer_to_a_large_request_arrives_whole(proxied: Engine) -> None:
    sent = "x" * 1_000_000

    with proxied.connect() as connection:
        returned = connection.scalar(text("SELECT :sent"), {"sent": sent})

    assert returned == sent


def test_a_commit_whose_answer_is_lost_is_done(
    direct: Engine, proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    happened = postgres_proxy.cut_after(b"COMMIT")

    with pytest.raises(exc.OperationalError):
        earn(proxied)

    assert happened.is_set()
    assert rows(direct) == 1


def test_a_commit_that_is_lost_is_not_done(
    direct: Engine, proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    happened = postgres_proxy.cut_before(b"COMMIT")

    with pytest.raises(exc.OperationalError):
        earn(proxied)

    assert happened.is_set()
    assert rows(direct) == 0


@pytest.mark.parametrize("trap", ["cut_after", "cut_before"])
def test_a_trap_springs_once(
    trap: str, proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    getattr(postgres_proxy, trap)(b"COMMIT")
    with pytest.raises(exc.OperationalError):
        earn(proxied)
    before = rows(proxied)

    earn(proxied)

    assert rows(proxied) == before + 1


def test_a_trap_spares_other_connections(
    proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    with proxied.connect() as other:
        other.execute(text("SELECT 1"))
        postgres_proxy.cut_before(b"COMMIT")
        with pytest.raises(exc.OperationalError):
            earn(proxied)

        assert other.scalar(text("SELECT 1")) == 1


def test_a_cut_ends_connections_and_refuses_new_ones(
    proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    with proxied.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgres_proxy.cut()
        with pytest.raises(exc.OperationalError):
            connection.execute(text("SELECT 1"))

    with pytest.raises(exc.OperationalError, match="refused"):
        proxied.connect()


def test_a_healed_proxy_accepts_again_on_the_same_address(
    proxied: Engine, postgres_proxy: TcpProxy
) -> None:
    address = postgres_proxy.address
    postgres_proxy.cut()

    postgres_proxy.heal()

    assert postgres_proxy.address == address
    assert rows(proxied) == 0
