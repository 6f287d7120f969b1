"""`points serve`: the server."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import Any, Final

import click
from grpc import GenericRpcHandler

from points.cli.ending import in_one_line
from points.cli.hanging import begin_anew, hung_before, limit_of, remember
from points.cli.keys import keys_in
from points.cli.logs import set_up_logs
from points.cli.options import program_in, settings_flags
from points.cli.program_file import apply_file
from points.cli.security import credentials_in, tokens_in, warn_if_open
from points.cli.workers import BROKEN, Workers, follow_parent, kept_address
from points.engine.feed import FeedLimits
from points.engine.writer import WriterLimits
from points.plugin.host import Host, PluginState, load_plugins
from points.server.plugins.roster import without_hung
from points.server.plugins.switches import Hung
from points.server.serving import ServingOptions
from points.server.serving import serve as run_server
from points.server.watchers import WatchLimits
from points.settings import Settings, load_settings
from points.store.opening import Store, open_store, parse_url


_COLLECT_AFTER: Final = 50_000
"""Values made, and not yet freed, between two looks of the garbage collector."""

_END_SECONDS: Final = 20.0
"""What a worker gets besides to carry out what is queued, before it is killed."""


@click.command()
@settings_flags()
@click.option(
    "--migrate",
    is_flag=True,
    help="Migrate a PostgreSQL database first (a SQLite file always is).",
)
@click.option(
    "--program",
    "program_file",
    metavar="FILE",
    help="Document of the program: applied first, unless it is in force already.",
)
def serve(*, migrate: bool, program_file: str | None, **flags: Any) -> None:
    """Serves the ledger over gRPC until Ctrl-C or SIGTERM.

    Without flags it keeps the data in points.db in this folder and listens on
    127.0.0.1:50051. Each flag can also be set in the environment, as
    POINTS_DATABASE_URL, or in points.toml, as database_url.
    """
    settings = load_settings(**flags)
    set_up_logs(settings)
    warn_if_open(settings)
    run = _serve if settings.workers == 1 else _serve_by_workers
    sys.exit(run(settings, migrating=migrate, program_file=program_file))


def _serve(settings: Settings, *, migrating: bool, program_file: str | None) -> int:
    """Serves from this process; returns its exit status."""
    host = load_required(settings)
    spare_collector()
    with (
        _stopped_at_the_end(host),
        _opened(settings, migrating=migrating) as store,
    ):
        told = _applied(settings, store, host, program_file)
        greet = _greeter(settings, store, host, told)
        return _run(settings, store, host, greet, begin_anew)


def _serve_by_workers(
    settings: Settings, *, migrating: bool, program_file: str | None
) -> int:
    """Serves from several processes, once this one has prepared the database."""
    if parse_url(settings.database_url).drivername == "sqlite":
        message = "a SQLite file has one server process: --workers needs PostgreSQL"
        raise click.ClickException(message)
    with kept_address(settings.address) as address:
        settings = settings.model_copy(update={"address": address})
        host = load_required(settings)
        with (
            _stopped_at_the_end(host),
            _opened(settings, migrating=migrating) as store,
        ):
            told = _applied(settings, store, host, program_file)
            greet = _greeter(settings, store, host, told)
        workers = Workers(_work, settings.workers, (settings,), on_hung=remember)
        return workers.run(
            on_ready=lambda: greet(int(address.rpartition(":")[2])),
            stop_seconds=settings.drain_seconds + settings.grace_seconds + _END_SECONDS,
        )


def _work(number: int, ready: Connection, settings: Settings) -> None:
    """Serves as one of several processes, for as long as the parent lives."""
    # A process that was spawned does nothing of what `atexit` was told.
    Finalize(None, set_up_logs(settings), exitpriority=0)
    follow_parent()
    with in_one_line():
        host = load_required(settings)
        spare_collector()
        settings = settings.model_copy(update={"metrics": metrics_of(settings, number)})
        with _stopped_at_the_end(host), _opened(settings) as store:

            def say_so(_port: int) -> None:
                ready.send(number)

            sys.exit(_run(settings, store, host, say_so, ready.send))


def _opened(
    settings: Settings, *, migrating: bool = False
) -> AbstractContextManager[Store]:
    return open_store(
        settings.database_url, migrating=migrating, part_count=settings.parts
    )


def _applied(
    settings: Settings, store: Store, host: Host, program_file: str | None
) -> str:
    """Applies the document, if one is given; returns what became of it."""
    if program_file is None:
        return ""
    return apply_file(store, program_in(settings), program_file, host.section_problems)


def _run(
    settings: Settings,
    store: Store,
    host: Host,
    on_ready: Callable[[int], None],
    leave: Callable[[Hung], None],
) -> int:
    """Serves until it is asked to stop; returns the exit status.

    `leave` is called before it ends since a plugin holds it up.
    """
    options = replace(
        serving_options(settings, host=host),
        keyring=keys_in(settings, store.backend),
        hung=hung_before(),
    )
    limit = limit_of(settings, leave)
    if limit is not None:
        named_after = min(options.hang_seconds, limit.seconds)
        options = replace(options, hang_limit=limit, hang_seconds=named_after)
    whole = run_server(store, program_in(settings), options, on_ready=on_ready)
    return 0 if whole else BROKEN


@contextmanager
def _stopped_at_the_end(host: Host) -> Iterator[None]:
    """Has plugins stop after the block, and tells of those that did not do it well."""
    try:
        yield
    finally:
        for name, why in host.stopping().items():
            click.echo(f"points: plugin {name} did not stop well: {why}", err=True)


def load_required(settings: Settings) -> Host:
    """Loads and starts the plugins.

    Raises click.ClickException if a required one does not take part.
    """
    host = load_plugins(allowed=settings.plugins).started()
    missing = host.missing(settings.required_plugins)
    if missing:
        told = [
            f"the plugin {name} is required: {why}" for name, why in missing.items()
        ]
        raise click.ClickException("; ".join(told))
    return host


def spare_collector() -> None:
    """Makes the garbage collector rarer, and lets it skip what start-up has made.

    Calls make thousands of values that die young without cycles; by default a
    collection would look through them every few calls.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)


def serving_options(
    settings: Settings,
    more_handlers: tuple[GenericRpcHandler, ...] = (),
    host: Host | None = None,
) -> ServingOptions:
    """Returns how to serve by these settings."""
    return ServingOptions(
        more_handlers=more_handlers,
        host=host or Host(),
        address=settings.address,
        metrics=settings.metrics,
        credentials=credentials_in(settings),
        tokens=tokens_in(settings),
        drain_seconds=settings.drain_seconds,
        grace_seconds=settings.grace_seconds,
        receive_bytes_max=settings.receive_bytes_max,
        shares_port=settings.workers > 1,
        sweep_interval_seconds=settings.sweep_interval_seconds,
        writer_limits=WriterLimits(
            queue_limit=settings.queue_limit,
            batch_limit=settings.batch_limit,
            patience_seconds=settings.patience_seconds,
        ),
        watch_limits=WatchLimits(
            checkpoint_seconds=settings.watch_checkpoint_seconds,
            buffer_limit=settings.watch_buffer,
            watcher_limit=settings.watch_limit,
            feed=FeedLimits(poll_seconds=settings.watch_poll_seconds),
        ),
    )


def _greeter(
    settings: Settings, store: Store, host: Host, applied: str
) -> Callable[[int], None]:
    def greet(port: int) -> None:
        name = settings.address.rpartition(":")[0]
        for title, text in {
            "listening on": f"{name}:{port}",
            "data in": f"{store.place} ({store.part_count} parts)",
            **({"program": applied} if applied else {}),
            **({"workers": settings.workers} if settings.workers > 1 else {}),
            "plugins": _plugins(without_hung(host, hung_before())),
            **({"metrics": _metrics(settings)} if settings.metrics else {}),
            "try": _trial(name, port),
        }.items():
            click.echo(
                f"{click.style(title, bold=True)}{' ' * (13 - len(title))}{text}"
            )
        sys.stdout.flush()

    return greet


def _plugins(host: Host) -> str:
    shown = [
        f"{status.name} {status.version}"
        if status.state is PluginState.ENABLED
        else f"{status.name} {status.state} ({status.reason})"
        for status in host.statuses
    ]
    return ", ".join(shown) or "none installed"


def metrics_of(settings: Settings, number: int) -> str:
    """Returns where a worker shows its metrics: each one port behind the one before."""
    host, colon, port = settings.metrics.rpartition(":")
    return f"{host}:{int(port) + number}" if colon else ""


def _metrics(settings: Settings) -> str:
    last = settings.workers - 1
    more = f" to {metrics_of(settings, last)}" if last else ""
    return f"http://{settings.metrics}/metrics{more}"


def _trial(name: str, port: int) -> str:
    return (
        "uv run buf curl --protocol grpc --http2-prior-knowledge"
        """ -d '{"member_id": "alice", "request_id": "first"}'"""
        f" http://{name}:{port}/points.v1.MemberService/CreateMember"
    )
