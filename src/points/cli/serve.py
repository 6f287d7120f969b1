"""`points serve`: the server."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any, Final

import click
from grpc import GenericRpcHandler

from points.cli.logs import set_up_logs
from points.cli.options import program_in, settings_flags
from points.cli.program_file import apply_file
from points.cli.security import credentials_in, tokens_in, warn_if_open
from points.engine.feed import FeedLimits
from points.engine.writer import WriterLimits
from points.plugin.host import Host, PluginState, load_plugins
from points.server.serving import ServingOptions
from points.server.serving import serve as run_server
from points.server.watchers import WatchLimits
from points.settings import Settings, load_settings
from points.store.opening import Store, open_store


_COLLECT_AFTER: Final = 50_000
"""Values made, and not yet freed, between two looks of the garbage collector."""


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
    host = load_required(settings)
    spare_collector()
    opened = open_store(
        settings.database_url, migrating=migrate, part_count=settings.parts
    )
    with opened as store:
        program, told = program_in(settings), ""
        if program_file is not None:
            told = apply_file(store, program, program_file, host.section_problems)
        whole = run_server(
            store,
            program,
            serving_options(settings, host=host),
            on_ready=_greeter(settings, store, host, told),
        )
    for name, why in host.stopping().items():
        click.echo(f"points: plugin {name} did not stop well: {why}", err=True)
    if not whole:
        sys.exit(2)


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
            "plugins": _plugins(host),
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


def _metrics(settings: Settings) -> str:
    return f"http://{settings.metrics}/metrics"


def _trial(name: str, port: int) -> str:
    return (
        "uv run buf curl --protocol grpc --http2-prior-knowledge"
        """ -d '{"member_id": "alice", "request_id": "first"}'"""
        f" http://{name}:{port}/points.v1.MemberService/CreateMember"
    )
