"""The rows of the benchmark's table: what each measures, and against what."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import grpc

from points.client import PointsClient
from points.client.requests import batch_command, earn_request
from points.v1.ledger_service_pb2 import BATCH_MODE_INDEPENDENT, BatchWriteRequest
from tests.load.accounting import Account
from tests.load.bare import bare_rows, insert_rows
from tests.load.beds import Served, served
from tests.load.bench import NOOP, ghz
from tests.load.compared import Compared, Figure, Measure, Speed
from tests.load.ghz import run_ghz
from tests.load.growth import bytes_of, records_of
from tests.load.ledger_bench import SIZES, counted, running_ledger
from tests.load.ledger_cases import EARN, create_members
from tests.load.peers.bench import pgbench, tpc_b
from tests.load.prepare import prepare, prepare_plugins
from tests.load.profiles import MEMBERS, Profile, load_profile
from tests.load.programs import SHOP, write_program


FSYNC_MS: Final = 2.0
"""What a commit takes longer on the slower disk that is played."""

BATCH: Final = 1_000
"""Earnings of a measured BatchWrite."""

BATCH_SHARE: Final = 4
"""Earnings in batches for each unary call of a run: they take as much less time."""

GROWN: Final = "grown"
"""Name of the server on a ledger that was filled before."""

CALLERS: Final = 2
"""Callers who send batches at a time: one is decided while one is read."""

OPEN_SECONDS: Final = 5
"""How long a rate is kept in an open loop."""

TPC_SECONDS: Final = 5


@dataclass
class Bed:
    """Is one kind of database with the servers that measurements need, made once.

    `new_url` makes a database that lives as long as `stack`; `grown_url` is one that
    was filled before, empty for none. The row that is measured ends before `until`, by
    the monotonic clock, if it can. `started` has the seconds until a server answered.
    """

    database: str
    folder: Path
    stack: ExitStack
    new_url: Callable[[str], str]
    calls: int
    rounds: int
    grown_url: str = ""
    until: float = math.inf
    urls: dict[str, str] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    _servers: dict[str, Served] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(_now_ms()))

    def server(self, name: str, *flags: str, url: str = "") -> Served:
        """Returns the server of a name, with members that have points."""
        if name not in self._servers:
            self.urls[name] = url or self.new_url(name)
            began = time.perf_counter()
            found = self.stack.enter_context(
                served(self.urls[name], self.folder, *flags)
            )
            self.started[name] = time.perf_counter() - began
            with PointsClient(found.address, timeout_seconds=60) as client:
                prepare(client)
            self._servers[name] = found
        return self._servers[name]

    @property
    def plain(self) -> Served:
        """Returns a server without plugins."""
        return self.server("plain")

    @property
    def shop(self) -> Served:
        """Returns a server without plugins, under the rest of that program."""
        return self.server("shop", f"--program={SHOP}")

    @property
    def extended(self) -> Served:
        """Returns a server with all plugins, under the program of load runs."""
        if "extended" not in self._servers:
            program = write_program(self.folder)
            found = self.server("extended", f"--program={program}", "--plugins")
            with grpc.insecure_channel(found.address) as channel:
                prepare_plugins(channel)
        return self._servers["extended"]

    def verify(self) -> list[str]:
        """Returns which of the servers' ledgers do not prove right.

        One that was filled before is left out: that would take longer than all else.
        """
        broken = []
        for name, server in self._servers.items():
            if name == GROWN:
                continue
            with PointsClient(server.address, timeout_seconds=600) as client:
                if not client.verify_ledger().intact:
                    broken.append(f"{self.database}, {name}")
        return broken

    def first(self, how_many: int) -> int:
        """Returns the first of so many numbers of requests that nobody has had.

        Nor had in an earlier run: a ledger that was filled before has its outcomes.
        """
        found = next(self._numbers) * 1_000_000
        assert how_many < 1_000_000
        return found


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def unary(bed: Bed, server: Served, profile: Profile, *, noop: bool = False) -> Measure:
    """Returns what measures a profile in a closed loop, and counts its transactions."""
    rpc = NOOP if noop else ("", profile.call.replace("/", "."))

    def measure() -> Speed:
        data = _write(bed, profile)
        with PointsClient(server.address, timeout_seconds=60) as client:
            account, cpu = Account.open(client), server.cpu_seconds()
            run = ghz(rpc, data, bed.calls, server.address)
            cpu = (server.cpu_seconds() - cpu) / bed.calls * 1e6
            due = 0 if noop else profile.transactions_of(bed.calls)
            found = account.records(*profile.kinds)
            assert all(found[kind] == due for kind in profile.kinds), (found, due)
        return Speed(run.rate, cpu, run.p50_ms, run.p99_ms)

    return measure


def _write(bed: Bed, profile: Profile) -> Path:
    first, file = bed.first(bed.calls), bed.folder / "data.json"
    requests = [profile.request(first + number) for number in range(bed.calls)]
    file.write_text(json.dumps(requests))
    return file


def against_noop(bed: Bed) -> Iterator[Compared]:
    """Yields unary Earn against a method that does nothing."""
    target = {"SQLite": 0.80, "PostgreSQL": 0.60}[bed.database]
    row = Compared("Earn", "no-op method", bed.database, target)
    earn = load_profile("earn")
    this = unary(bed, bed.plain, earn)
    row.measure(
        bed.rounds, this, unary(bed, bed.plain, earn, noop=True), until=bed.until
    )
    yield row


def on_a_slow_disk(bed: Bed) -> Iterator[Compared]:
    """Yields the same where each commit waits for a disk."""
    server = bed.server("slow", f"--fsync-ms={FSYNC_MS}")
    name = f"Earn, fsync {FSYNC_MS:g} ms longer"
    row, earn = Compared(name, "no-op method", bed.database), load_profile("earn")
    noop = unary(bed, server, earn, noop=True)
    row.measure(bed.rounds, unary(bed, server, earn), noop, until=bed.until)
    yield row


def on_one_member(bed: Bed) -> Iterator[Compared]:
    """Yields earnings of one member against those of many."""
    row = Compared("Earn of one hot member", f"of {MEMBERS}", bed.database, 0.85)
    hot, earn = load_profile("hot-member"), load_profile("earn")
    row.measure(
        bed.rounds,
        unary(bed, bed.plain, hot),
        unary(bed, bed.plain, earn),
        until=bed.until,
    )
    yield row


def beside_plugins(bed: Bed) -> Iterator[Compared]:
    """Yields earnings with the first-party plugins loaded against those without.

    Under the same program: what it has points expire costs earnings, too.
    """
    row = Compared("Earn, all plugins loaded", "no plugin", bed.database, 0.97)
    earn = load_profile("earn")
    this, that = unary(bed, bed.extended, earn), unary(bed, bed.shop, earn)
    row.measure(bed.rounds, this, that, until=bed.until)
    yield row


def spins(bed: Bed) -> Iterator[Compared]:
    """Yields spins of a wheel against earnings on the same server."""
    row = Compared("Spin", "Earn", bed.database, 0.50)
    spin, earn = load_profile("spin"), load_profile("earn")
    this, that = unary(bed, bed.extended, spin), unary(bed, bed.extended, earn)
    row.measure(bed.rounds, this, that, until=bed.until)
    yield row


def in_a_grown_store(bed: Bed) -> Iterator[Compared | Figure]:
    """Yields earnings in a store that was filled before against those in a new one.

    And what is known of that store. Both are on one disk only if you see to it: the
    new one is in the folder for temporary files, or on the PostgreSQL that
    `POINTS_TEST_PG_URL` names.
    """
    if not bed.grown_url:
        return
    grown = bed.server(GROWN, url=bed.grown_url)
    row = Compared("Earn, grown store", "new store", bed.database, 0.85)
    this, earn = unary(bed, grown, load_profile("earn")), "earn"
    row.measure(
        bed.rounds, this, unary(bed, bed.plain, load_profile(earn)), until=bed.until
    )
    yield row
    yield from _figures_of_growth(bed, row)


def _figures_of_growth(bed: Bed, row: Compared) -> Iterator[Figure]:
    held, size = records_of(bed.grown_url), bytes_of(bed.grown_url)
    new = statistics.median(speed.p99_ms for speed in row.of_that)
    started = (bed.started[name] for name in (GROWN, "plain"))
    for name, value, target in (
        ("records", f"{held:,}", ""),
        ("bytes each", f"{size / held:,.0f} of {size:,}", ""),
        ("p99", f"{row.median('p99_ms'):.1f} ms, {new:.1f} ms in a new one", ""),
        ("start", "{:.1f} s, {:.1f} s without data".format(*started), ""),
    ):
        yield Figure(f"grown store: {name}", bed.database, value, target)


def batches(bed: Bed) -> Iterator[Compared | Figure]:
    """Yields BatchWrite of many earnings against what the database does alone."""
    batch_count = max(2 * CALLERS, bed.calls * BATCH_SHARE // BATCH)
    if bed.database == "SQLite":
        row = Compared(f"BatchWrite of {BATCH:,}", "bare inserts", "SQLite", 0.60)
        that, least = _inserts(bed, batch_count), 20_000
    else:
        row = Compared(f"BatchWrite of {BATCH:,}", "TPC-B", "PostgreSQL", 2.5)
        that, least = _tpc(bed), 15_000
    row.of_this.append(_batched(bed, batch_count)())  # whose rows are inserted again
    row.of_that.append(that())
    row.measure(bed.rounds - 1, _batched(bed, batch_count), that, until=bed.until)
    yield row
    rate = f"{row.median('rate'):,.0f}/s"
    yield Figure(row.name, bed.database, rate, f"at least {least:,}/s")


def _batched(bed: Bed, batch_count: int) -> Measure:
    server = bed.plain

    def measure() -> Speed:
        requests = [_batch(bed.first(BATCH)) for _ in range(batch_count)]
        with (
            PointsClient(server.address, timeout_seconds=60) as client,
            ThreadPoolExecutor(CALLERS) as callers,
        ):
            start, cpu = time.perf_counter(), server.cpu_seconds()
            answers = list(callers.map(client.ledger.BatchWrite, requests))
            took, cpu = time.perf_counter() - start, server.cpu_seconds() - cpu
        done = sum(len(answer.outcomes) for answer in answers)
        assert done == batch_count * BATCH, done
        return Speed(done / took, cpu / done * 1e6)

    return measure


def _batch(first: int) -> BatchWriteRequest:
    return BatchWriteRequest(
        commands=[
            batch_command(
                earn_request(
                    f"load-{number % MEMBERS}",
                    1,
                    reason="load",
                    request_id=f"batch-{first + number}",
                )
            )
            for number in range(BATCH)
        ],
        mode=BATCH_MODE_INDEPENDENT,
    )


def _inserts(bed: Bed, batch_count: int) -> Measure:
    def measure() -> Speed:
        rows = bare_rows(bed.urls["plain"], batch_count * BATCH)
        wall, cpu = insert_rows(bed.new_url("bare"), rows, BATCH)
        return Speed(len(rows) / wall, cpu / len(rows) * 1e6)

    return measure


def _tpc(bed: Bed) -> Measure:
    url = bed.new_url("tpc")
    pgbench(url, "--initialize", "--scale=10", "--quiet")
    return lambda: Speed(tpc_b(url, TPC_SECONDS))


def at_half_rate(bed: Bed) -> Iterator[Figure]:
    """Yields the latency of Earn at half of what it does at most, in an open loop."""
    most = unary(bed, bed.plain, load_profile("earn"))().rate
    found = at_rate(bed, max(1, int(most / 2)))
    value = f"{found.p99_ms:.1f} ms at {most / 2:,.0f}/s"
    yield Figure("p99 of Earn at half rate", bed.database, value, "at most 20 ms")


def at_rate(bed: Bed, rate: int) -> Speed:
    """Returns what becomes of earnings that come at a rate, answered or not."""
    earn, total = load_profile("earn"), rate * OPEN_SECONDS
    first, data = bed.first(total), bed.folder / "data.json"
    data.write_text(json.dumps([earn.request(first + n) for n in range(total)]))
    run = run_ghz(
        *("--insecure", "--call", earn.call, "--data-file", data),
        *("--total", str(total), "--connections", "8", "--concurrency", "512"),
        *("--async", "--rps", str(rate), "--duration-stop", "wait"),
        *("--disable-template-functions", "--disable-template-data"),
        bed.plain.address,
    )
    return Speed(run.rate, 0.0, run.p50_ms, run.p99_ms)


def memory(bed: Bed) -> Iterator[Figure]:
    """Yields how much more memory a server has after so many calls than at first."""
    measure = unary(bed, bed.plain, load_profile("earn"))
    measure()
    before = bed.plain.resident_bytes()
    for _ in range(bed.rounds):
        measure()
    after = bed.plain.resident_bytes()
    value = f"{after / before - 1:+.1%} of {before / 2**20:,.0f} MiB"
    name = f"memory after {bed.rounds * bed.calls:,} more calls"
    yield Figure(name, bed.database, value, "±5 %")


def statements(bed: Bed) -> Iterator[Figure]:
    """Yields how many statements a batch of earnings takes, by its size."""
    with running_ledger(bed.new_url("counted")) as ledger:
        create_members(ledger)
        counts = counted(ledger, EARN)
    name = f"statements of batches of {', '.join(map(str, SIZES))}"
    shown = ", ".join(map(str, counts))
    yield Figure(name, bed.database, shown, "the same for every size")


ROWS: Final[dict[str, Callable[[Bed], Iterator[Compared | Figure]]]] = {
    "earn": against_noop,
    "fsync": on_a_slow_disk,
    "batch": batches,
    "hot": on_one_member,
    "grown": in_a_grown_store,
    "plugins": beside_plugins,
    "spin": spins,
    "p99": at_half_rate,
    "memory": memory,
    "statements": statements,
}
