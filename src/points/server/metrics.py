"""What the server shows to Prometheus: calls, the writer, and the plugins.

Nothing is counted here. What the event loop, the writer and the plugins' threads have
counted in plain numbers is made into metrics when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from points.engine.engine import Engine
from points.engine.tallies import Histogram, Hook
from points.server.calls import Service
from points.server.plugins.roster import Roster


class ServerMetrics(Collector):
    """Makes metrics of a server's counts.

    Those of calls have the names and labels that servers in other languages use.
    """

    def __init__(
        self, engine: Engine, services: Sequence[Service], roster: Roster
    ) -> None:
        self._engine = engine
        self._services = services
        self._roster = roster

    def collect(self) -> Iterable[Metric]:
        """Yields everything as it is now."""
        yield from self._calls()
        yield from self._writer()
        yield from self._plugins()

    def _calls(self) -> Iterator[Metric]:
        names = ("grpc_type", "grpc_service", "grpc_method")
        handled = CounterMetricFamily(
            "grpc_server_handled",
            "Calls that were answered, by code.",
            labels=(*names, "grpc_code"),
        )
        seconds = HistogramMetricFamily(
            "grpc_server_handling_seconds",
            "Time from a request to its answer, in seconds.",
            labels=names,
        )
        for service in self._services:
            for method, tally in service.tallies.items():
                kind = "server_stream" if tally.is_stream else "unary"
                labels = (kind, service.descriptor.full_name, method)
                for code, count in list(tally.codes.items()):
                    handled.add_metric((*labels, code), count)
                _add(seconds, labels, tally.seconds)
        return iter((handled, seconds))

    def _writer(self) -> Iterator[Metric]:
        writer = self._engine.writer
        tally = writer.tally
        answered = CounterMetricFamily(
            "points_commands",
            "Commands that were answered: ACCEPTED, REPLAYED, or why refused.",
            labels=("answer",),
        )
        counts = {"ACCEPTED": tally.accepted, "REPLAYED": tally.replayed}
        for answer, count in (counts | dict(tally.refused)).items():
            answered.add_metric((answer,), count)
        yield answered
        yield _histogram(
            "points_batch_commands", "Commands of a batch.", tally.batch_sizes
        )
        yield _histogram(
            "points_batch_seconds",
            "Time from a batch's locks to the end of its commit, in seconds.",
            tally.batch_seconds,
        )
        yield CounterMetricFamily(
            "points_batches_gave_way",
            "Batches of sweeps and jobs that were given up for callers who came.",
            tally.gave_way,
        )
        yield GaugeMetricFamily(
            "points_queue_commands",
            "Commands that wait for an answer.",
            writer.waiting_count,
        )

    def _plugins(self) -> Iterator[Metric]:
        breaker = self._engine.plugins.breaker
        tally = breaker.tally
        seconds = HistogramMetricFamily(
            "points_plugin_call_seconds",
            "Time in functions of plugins that run in the writer, and in subscribers.",
            labels=("plugin", "hook"),
        )
        for hook, found in list(tally.calls.items()):
            _add(seconds, hook, found)
        yield seconds
        yield _by_hook("failures", "Calls that failed.", tally.failures)
        given_up = (
            "Jobs and events that this process has given up since it started;"
            " GetPlugin tells how many there are in all."
        )
        yield _by_hook("given_up", given_up, tally.given_up)
        opened = GaugeMetricFamily(
            "points_plugin_breaker_open",
            "1 for functions that are left alone for a while, since they keep failing.",
            labels=("plugin", "hook"),
        )
        for hook in breaker.opened():
            opened.add_metric(hook, 1)
        yield opened
        yield self._states()

    def _states(self) -> Metric:
        states = GaugeMetricFamily(
            "points_plugin_state",
            "1 for the state that each installed plugin is in.",
            labels=("plugin", "version", "state"),
        )
        for status in self._roster.statuses():
            states.add_metric((status.name, status.version, status.state), 1)
        return states


@contextmanager
def shown_on(address: str, metrics: ServerMetrics) -> Iterator[None]:
    """Shows metrics on `http://<address>/metrics` for the length of the block.

    Nowhere if the address is empty. Raises OSError if it is taken.
    """
    if not address:
        yield
        return
    registry = CollectorRegistry()
    registry.register(metrics)
    ProcessCollector(registry=registry)
    host, _, port = address.rpartition(":")
    server, thread = start_http_server(int(port), host.strip("[]"), registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _add(
    family: HistogramMetricFamily, labels: Sequence[str], found: Histogram
) -> None:
    family.add_metric(labels, _buckets(found), found.total)


def _histogram(name: str, what: str, found: Histogram) -> HistogramMetricFamily:
    return HistogramMetricFamily(name, what, _buckets(found), found.total)


def _buckets(found: Histogram) -> list[tuple[str, float]]:
    """Returns how many numbers are at most as high as each bound."""
    bounds = [*(str(float(bound)) for bound in found.bounds), "+Inf"]
    return list(zip(bounds, accumulate(found.counts), strict=True))


def _by_hook(name: str, what: str, counts: Mapping[Hook, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(
        f"points_plugin_{name}", what, labels=("plugin", "hook")
    )
    for hook, count in list(counts.items()):
        family.add_metric(hook, count)
    return family
