"""The server: start, health, reflection, drain, stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from points.domain.program import Program
from points.engine.engine import Engine, running_engine
from points.engine.feed import running_feed
from points.engine.plugins.keys import NO_KEYS, Keyring
from points.engine.sweeper import Sweeper
from points.engine.writer import WriterLimits
from points.mendable import Mendable
from points.plugin.host import Host
from points.program.bridge import program_of_text
from points.server.activities import ActivityMethods
from points.server.balances import BalanceMethods
from points.server.budgets import BudgetService
from points.server.calls import Service
from points.server.changes import Changes
from points.server.claims import ClaimMethods
from points.server.closing import ClosingMethods
from points.server.gate import TokensLike
from points.server.holds import HoldMethods
from points.server.ledger_service import LedgerService
from points.server.limits import LimitsMethods
from points.server.liveness import HangLimit, health_of, tell_nobody, watched
from points.server.lots import LotMethods
from points.server.member_service import MemberService
from points.server.merge import MergeMethods
from points.server.metrics import ServerMetrics, shown_on
from points.server.plugins.methods import PluginMethods
from points.server.plugins.plugin_service import PluginService
from points.server.plugins.roster import Roster
from points.server.plugins.switches import Hung
from points.server.program_service import ProgramService
from points.server.reads import Reads
from points.server.reflection import add_reflection
from points.server.reversal import ReversalMethods
from points.server.segments import SegmentService
from points.server.summary import SummaryMethods
from points.server.threads import READ_THREADS
from points.server.tiers import TierService
from points.server.transfer import TransferMethods
from points.server.verification import VerificationMethods
from points.server.watchers import Watchers, WatchLimits
from points.server.writes import LoopDelivery, Writes
from points.store.opening import Store
from points.v1 import (
    activity_service_pb2,
    budget_service_pb2,
    ledger_service_pb2,
    member_service_pb2,
    plugin_service_pb2,
    program_service_pb2,
    segment_service_pb2,
    tier_service_pb2,
)


_SEND_BYTES_MAX: Final = 32 * 1024 * 1024
_log = structlog.get_logger("points.server")


class CannotListen(Mendable):
    """The address is taken or is no address of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """Says where and how to serve.

    `address` is `host:port`, port 0 for any free one; `metrics` is where Prometheus
    finds the server's counts, nowhere if it is empty. `drain_seconds` pass
    between saying not-serving and closing, for load balancers to notice;
    `grace_seconds` are left for calls that are under way. `more_handlers` are
    served beside our own services, and so are those of the plugins in `host`, which
    seal their secrets with `keyring`. What
    is due is swept each `sweep_interval_seconds`; 0 leaves that to others. Only if
    `shares_port` may other servers that do so listen on the same one. Without
    `credentials` nothing is encrypted, and without `tokens` everybody may call. Health
    is not-serving while a function of a plugin has the writer wait for `hang_seconds`;
    `hang_limit` says what comes of one that goes on. Plugins that have `hung` are
    switched off before any call is answered.
    """

    address: str = "127.0.0.1:50051"
    metrics: str = ""
    drain_seconds: float = 0.0
    grace_seconds: float = 10.0
    receive_bytes_max: int = 8 * 1024 * 1024
    more_handlers: tuple[grpc.GenericRpcHandler, ...] = ()
    host: Host = field(default_factory=Host)
    keyring: Keyring = NO_KEYS
    credentials: grpc.ServerCredentials | None = None
    tokens: TokensLike | None = None
    hang_seconds: float = 5.0
    hang_limit: HangLimit | None = None
    hung: tuple[Hung, ...] = ()
    sweep_interval_seconds: float = 0.0
    shares_port: bool = False
    writer_limits: WriterLimits = field(default_factory=WriterLimits)
    watch_limits: WatchLimits = field(default_factory=WatchLimits)


def serve(
    store: Store,
    program: Program,
    options: ServingOptions,
    *,
    on_ready: Callable[[int], None],
) -> bool:
    """Serves until SIGINT or SIGTERM, drains, and returns whether the books are whole.

    `on_ready` is called with the port once calls are answered. Raises
    CannotListen.
    """
    return asyncio.run(_serve(store, program, options, on_ready))


async def _serve(
    store: Store,
    program: Program,
    options: ServingOptions,
    on_ready: Callable[[int], None],
) -> bool:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with running_server(store, program, options) as (engine, port):
        on_ready(port)
        while not stopped.is_set() and engine.writer.broken is None:
            # The writer's thread cannot wake us when it breaks, so we look.
            with_timeout = asyncio.wait_for(stopped.wait(), timeout=1.0)
            await asyncio.gather(with_timeout, return_exceptions=True)
        _log.info("stopping")
    return engine.writer.broken is None


@asynccontextmanager
async def running_server(
    store: Store,
    program: Program,
    options: ServingOptions,
    *,
    clock: Callable[[], int] | None = None,
) -> AsyncIterator[tuple[Engine, int]]:
    """Runs a server for the length of the block; yields its engine and port.

    `clock` tells its time, that of the machine if there is none.
    At the end it says not-serving, ends the watches, drains, and lets calls finish;
    what callers have left in the queue is carried out before it returns. Raises
    CannotListen.
    """
    loop = asyncio.get_running_loop()
    watchers = Watchers(loop, options.watch_limits)
    roster = Roster(options.host, options.hung, options.keyring)
    live = watched(
        roster.plugins.breaker,
        hang_seconds=options.hang_seconds,
        limit=options.hang_limit,
    )
    with (
        live as liveness,
        ThreadPoolExecutor(READ_THREADS, "points-read") as threads,
        ThreadPoolExecutor(1, "points-verify") as verifier,
        running_feed(store.backend, watchers, options.watch_limits.feed) as feed,
        running_engine(
            store,
            program,
            compile_document=program_of_text,
            deliver=LoopDelivery(loop),
            limits=options.writer_limits,
            on_commit=feed.nudge,
            clock=clock,
            plugins=roster.plugins,
        ) as engine,
        ExitStack() as ending,
    ):
        watchers.follow(feed)
        verification = VerificationMethods(engine, verifier)
        services = [
            *_services(engine, threads, watchers, verification, options),
            *_of_plugins(engine, threads, watchers, roster),
        ]
        services = [replace(each, tokens=options.tokens) for each in services]
        server, health_service = await _build(services, options)
        port = _listen(server, options)
        sweeper = Sweeper(engine, options.sweep_interval_seconds)
        metrics = ServerMetrics(engine, services, roster)
        _show(ending, options.metrics, metrics)
        names = ["", *(each.descriptor.full_name for each in services)]
        liveness.on_change = health_of(health_service, names)
        try:
            await server.start()
            sweeper.start()
            await asyncio.to_thread(roster.start, engine)
            yield engine, port
        finally:
            liveness.is_stopping = True
            # Whatever ends now: it will not serve again.
            liveness.on_change = tell_nobody
            await asyncio.to_thread(roster.stop)
            # In a thread: its answers come by way of this loop.
            await asyncio.to_thread(sweeper.stop)
            await _drain(server, health_service, watchers, options)


async def _drain(
    server: grpc.aio.Server,
    health_service: health.aio.HealthServicer,
    watchers: Watchers,
    options: ServingOptions,
) -> None:
    await health_service.enter_graceful_shutdown()
    watchers.close()
    await asyncio.sleep(options.drain_seconds)
    await server.stop(options.grace_seconds)


async def _build(
    services: Sequence[Service], options: ServingOptions
) -> tuple[grpc.aio.Server, health.aio.HealthServicer]:
    server = grpc.aio.server(options=_channel_options(options))
    server.add_generic_rpc_handlers([service.handler() for service in services])
    server.add_generic_rpc_handlers(options.more_handlers)
    names = [service.descriptor.full_name for service in services]
    health_service = await _add_health(server, names)
    add_reflection(server, [*names, health.SERVICE_NAME])
    return server, health_service


def _services(
    engine: Engine,
    threads: ThreadPoolExecutor,
    watchers: Watchers,
    verification: VerificationMethods,
    options: ServingOptions,
) -> list[Service]:
    writes, reads = Writes(engine), Reads(engine, threads)
    checkpoint_seconds = options.watch_limits.checkpoint_seconds
    changes = Changes(reads, watchers, checkpoint_seconds=checkpoint_seconds)
    members = member_service_pb2.DESCRIPTOR.services_by_name["MemberService"]
    activity = activity_service_pb2.DESCRIPTOR.services_by_name["ActivityService"]
    ledger = ledger_service_pb2.DESCRIPTOR.services_by_name["LedgerService"]
    programs = program_service_pb2.DESCRIPTOR.services_by_name["ProgramService"]
    budgets = budget_service_pb2.DESCRIPTOR.services_by_name["BudgetService"]
    tiers = tier_service_pb2.DESCRIPTOR.services_by_name["TierService"]
    segments = segment_service_pb2.DESCRIPTOR.services_by_name["SegmentService"]
    of_ledger = (
        LedgerService(writes, reads),
        BalanceMethods(reads, engine, threads),
        changes,
        verification,
        ClosingMethods(writes, reads),
        HoldMethods(writes, reads),
        LotMethods(writes),
        ReversalMethods(writes),
        TransferMethods(writes),
        LimitsMethods(writes, reads),
    )
    of_members = (
        MemberService(writes, reads),
        MergeMethods(writes, reads),
        SummaryMethods(reads),
    )
    return [
        Service(members, of_members),
        Service(ledger, of_ledger),
        Service(activity, (ActivityMethods(writes), ClaimMethods(writes, reads))),
        Service(
            programs,
            (ProgramService(writes, reads, engine, options.host.section_problems),),
        ),
        Service(budgets, (BudgetService(writes, reads),)),
        Service(tiers, (TierService(writes, reads, engine),)),
        Service(segments, (SegmentService(reads),)),
    ]


def _of_plugins(
    engine: Engine, threads: ThreadPoolExecutor, watchers: Watchers, roster: Roster
) -> Iterator[Service]:
    """Yields the services of plugins, and the one that lists and switches them."""
    writes = Writes(engine)
    listing = plugin_service_pb2.DESCRIPTOR.services_by_name["PluginService"]
    yield Service(listing, (PluginService(engine, writes, roster),))
    methods = PluginMethods(engine, writes, threads, watchers)
    for plugin in roster.loaded.plugins:
        yield from methods.services(plugin)


def _show(ending: ExitStack, address: str, metrics: ServerMetrics) -> None:
    """Shows the metrics until the end, if they are asked for; raises CannotListen."""
    try:
        ending.enter_context(shown_on(address, metrics))
    except OSError as error:
        message = f"cannot show metrics on {address}: {error.strerror}"
        raise CannotListen(message) from None


def _listen(server: grpc.aio.Server, options: ServingOptions) -> int:
    address = options.address
    try:
        if options.credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, options.credentials)
    except RuntimeError:
        port = 0
    if not port:
        message = f"cannot listen on {address}: is another server running there?"
        raise CannotListen(message)
    return port


async def _add_health(
    server: grpc.aio.Server, names: list[str]
) -> health.aio.HealthServicer:
    service = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(service, server)
    for name in ("", *names):
        await service.set(name, health_pb2.HealthCheckResponse.SERVING)
    return service


def _channel_options(options: ServingOptions) -> list[tuple[str, int]]:
    return [
        # Unless wanted, a second server on the same port must not silently share it.
        ("grpc.so_reuseport", int(options.shares_port)),
        ("grpc.max_receive_message_length", options.receive_bytes_max),
        ("grpc.max_send_message_length", _SEND_BYTES_MAX),
        ("grpc.max_concurrent_streams", 1_024),
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        # Clients that ping each minute must not be sent away.
        ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
    ]
