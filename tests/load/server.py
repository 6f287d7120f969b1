"""A server with our services and one no-op method, for side-by-side measurements.

    python -m tests.load.server URL [--program FILE] [--plugins] [--fsync-ms 2]

With `--plugins` it loads all of them. With `--fsync-ms` each commit takes so much
longer, as it would on a disk that does not answer out of its cache.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

import click
import grpc

from points.cli.logs import set_up_logs
from points.cli.options import program_in
from points.cli.program_file import apply_file
from points.cli.serve import serving_options, spare_collector
from points.plugin.host import Host, load_plugins
from points.server.instants import timestamp
from points.server.serving import running_server
from points.settings import load_settings
from points.store.databases.backend import Backend
from points.store.databases.postgresql import PostgresqlBackend
from points.store.databases.sqlite import SqliteBackend
from points.store.opening import open_store
from points.v1.ledger_service_pb2 import EarnRequest, EarnResponse
from points.v1.lot_pb2 import Lot
from points.v1.transaction_pb2 import Posting, Transaction


Begin: TypeAlias = Callable[[Any, Any], AbstractContextManager[None]]


def noop_handler() -> grpc.GenericRpcHandler:
    """Returns a service whose method does nothing, without wrapper or log line."""
    answer = _answer()

    async def earn(_request: EarnRequest, _context: object) -> EarnResponse:
        return answer

    method = grpc.unary_unary_rpc_method_handler(
        earn,
        request_deserializer=EarnRequest.FromString,
        response_serializer=EarnResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(
        "points.load.NoopService", {"Earn": method}
    )


def _answer() -> EarnResponse:
    now = timestamp(1_767_268_800_000_000)
    member, place = "member-00000", "t17-12345"
    lot = Lot(lot_id="l17-12345", member_id=member, unit="points", points=10)
    return EarnResponse(
        transaction=Transaction(
            transaction_id=place,
            member_id=member,
            postings=[Posting(source="issuance", destination=member, unit="points")],
            reason="purchase",
            channel="core",
            effective_time=now,
            record_time=now,
            lots=[lot],
            request_id="request-0000000",
        ),
        revision="17-12345",
    )


async def _run(database_url: str, program_file: str | None, *, plugins: bool) -> None:
    settings = load_settings(
        database_url=database_url, address="127.0.0.1:0", log_format="json"
    )
    set_up_logs(settings)
    host = load_plugins().started() if plugins else Host()
    spare_collector()
    options = serving_options(settings, more_handlers=(noop_handler(),), host=host)
    with open_store(database_url, migrating=True) as store:
        program = program_in(settings)
        if program_file:
            apply_file(store, program, program_file, host.section_problems)
        async with running_server(store, program, options) as (_, port):
            print(f"listening on 127.0.0.1:{port}", flush=True)  # noqa: T201 - output
            await asyncio.Event().wait()


def _delay_commits(milliseconds: float) -> None:
    """Makes every commit of the writer take longer."""
    for kind in (SqliteBackend, PostgresqlBackend):
        _delay(kind, kind.transaction, milliseconds / 1_000)


def _delay(kind: type[Backend], begin: Begin, seconds: float) -> None:
    @contextmanager
    def transaction(self: Backend, raw: object) -> Iterator[None]:
        with begin(self, raw):
            yield
        time.sleep(seconds)

    # A slower disk, for all.
    kind.transaction = transaction  # type: ignore[method-assign]


@click.command()
@click.argument("database_url")
@click.option("--program", "program_file", help="Document to apply.")
@click.option("--plugins", is_flag=True, help="Loads all plugins.")
@click.option("--fsync-ms", default=0.0, help="What each commit takes longer.")
def main(
    *, database_url: str, program_file: str | None, plugins: bool, fsync_ms: float
) -> None:
    """Serves until it is killed."""
    if fsync_ms:
        _delay_commits(fsync_ms)
    asyncio.run(_run(database_url, program_file, plugins=plugins))


if __name__ == "__main__":
    main()
