"""Settles an auction with very many bids while earnings come in over gRPC.

    uv run poe settlement [--bids 100000] [--rate 100] [--database sqlite] [--json]

The bids are made ahead, without a server; then `points serve` finds the auction over
and settles it step by step, and ghz sends earnings at a rate, during the settlement
and again after it. The run fails unless every hold is given back, the winner alone
has paid, and the ledger proves right.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import grpc
import structlog
from sqlalchemy import select

from points.domain.commands import Command, CreateMember, Earn
from points.domain.documents import object_home
from points.domain.plugin_calls import PluginCall
from points.domain.values import Record
from points.engine.jobs import Job
from points.engine.plugins.keys import Keyring
from points.engine.plugins.requests import call_of
from points.plugin.host import load_plugins
from points.store.opening import open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.store.schema import record
from points.store.texts.rows import record_of
from points.testing.bench import Bench
from points_auction.messages import timestamp
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.v1.auction_service_pb2_grpc import AuctionServiceStub
from tests.load.bench import machine
from tests.load.databases import DATABASES, fresh_database
from tests.load.ghz import Run, run_ghz
from tests.load.profiles import load_profile
from tests.load.tools import need_ghz
from tests.serving import ServerProcess


AUCTION: Final = "vast"
POINTS: Final = 1_000
"""What every bidder has, and holds while the auction lasts."""

EARNERS: Final = 200
HOUR: Final = 3_600_000_000
KEY: Final = bytes(32)
"""What the bids are sealed with: the server is given the same."""

GROUP: Final = 250
"""Commands that are prepared in one go."""

WAITING: Final = 20
"""Groups that wait for the writer at a time."""

LOOK_CALLS: Final = 200
"""Earnings of one look at the latency: two seconds at the usual rate."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Is what a settlement came to; times are of the clock on the wall.

    `step_transactions` are the most that one step has made, and `step_ms` the longest
    time between two steps.
    """

    bids: int
    seconds: float
    steps: int
    step_transactions: int
    step_ms: float
    earn_p50_ms: float
    earn_p99_ms: float
    quiet_p50_ms: float
    quiet_p99_ms: float
    problems: list[str]


@click.command()
@click.option(
    "--bids", default=100_000, show_default=True, help="Bidders, one bid each."
)
@click.option("--rate", default=100, show_default=True, help="Earnings a second.")
@click.option(
    "--database",
    default="sqlite",
    type=click.Choice(DATABASES),
    show_default=True,
    help="Database to settle on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(*, bids: int, rate: int, database: str, as_json: bool) -> None:
    """Settles an auction of many bids while earnings come in."""
    need_ghz()
    # What the engine logs here would stand in the way of who reads the JSON.
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    with (
        TemporaryDirectory(prefix="points-settlement-") as name,
        fresh_database(database, Path(name)) as url,
    ):
        prepare(url, bids)
        found = settle(url, Path(name), bids, rate)
    lines = {"machine": machine(), "database": database, **asdict(found)}
    click.echo(json.dumps(lines) if as_json else _table(lines))
    if found.problems:
        sys.exit("the settlement is not what it should be")


def _table(lines: dict[str, Any]) -> str:
    return "\n".join(f"{name:<18} {value}" for name, value in lines.items())


def prepare(url: str, bids: int) -> None:
    """Makes an auction that is over by now, with a sealed bid of every bidder."""
    bench = Bench(url, load_plugins().started().registry, keyring=Keyring([KEY]))
    bench.start()
    try:
        _carry_out(bench, _members("load", EARNERS, 0))
        _carry_out(bench, _members("bidder", bids, POINTS))
        _create(bench)
        _carry_out(bench, _bids(bench, bids))
    finally:
        bench.stop()


def _members(prefix: str, count: int, points: int) -> Iterator[Command]:
    for number in range(count):
        name = f"{prefix}-{number}"
        yield CreateMember(member_id=name, request_id=f"make-{name}")
        if points:
            yield Earn(
                member_id=name,
                request_id=f"earn-{name}",
                unit="points",
                points=points,
                reason="test",
            )


def _create(bench: Bench) -> None:
    terms = pb.AuctionTerms(
        form=pb.AUCTION_FORM_SEALED_SECOND,
        end_time=timestamp(bench.clock() + HOUR),
        cover_points=POINTS,
    )
    bench.call(pb.CreateAuctionRequest(auction_id=AUCTION, terms=terms))


def _bids(bench: Bench, bids: int) -> Iterator[Command]:
    for number in range(bids):
        name = f"bidder-{number}"
        request = pb.BidRequest(
            auction_id=AUCTION,
            member_id=name,
            points=points_of(number),
            request_id=f"bid-{name}",
        )
        plugin, path, method = bench.method_of(request)
        yield call_of(plugin, path, method, request)


def points_of(number: int) -> int:
    """Returns what a bidder bids: many bid the same, so that ties are many."""
    return 1 + number * 7_919 % (POINTS - 1)


def _carry_out(bench: Bench, commands: Iterable[Command]) -> None:
    """Has commands carried out, many at a time; raises the first Refusal."""
    source, waiting = iter(commands), list[Future[Sequence[Any]]]()
    while group := list(islice(source, GROUP)):
        jobs = [Job(commands=[bench.engine.route(each)]) for each in group]
        futures: list[Future[Sequence[Any]]] = [Future() for _ in jobs]
        bench.engine.submit(list(zip(jobs, futures, strict=True)))
        waiting += futures
        while len(waiting) > WAITING * GROUP:
            waiting.pop(0).result()
    for future in waiting:
        future.result()


def settle(url: str, folder: Path, bids: int, rate: int) -> Settled:
    """Has a server settle the auction, and measures earnings meanwhile."""
    keys = folder / "keys"
    keys.write_text(KEY.hex())
    server = ServerProcess.start(url, f"--keys={keys}", folder=folder)
    try:
        with grpc.insecure_channel(server.address) as channel:
            stub = AuctionServiceStub(channel)
            during = list[Run]()
            while not _is_settled(stub):
                during.append(_look(server.address, folder, rate, len(during)))
            first = len(during)
            quiet = [
                _look(server.address, folder, rate, first + number)
                for number in range(min(first, 5))
            ]
        server.stop()
    finally:
        server.kill()
    return _told(url, bids, during, quiet)


def _is_settled(stub: Any) -> bool:
    request = pb.GetAuctionRequest(auction_id=AUCTION)
    return bool(stub.GetAuction(request).auction.state == pb.AUCTION_STATE_SETTLED)


def _look(address: str, folder: Path, rate: int, number: int) -> Run:
    """Sends earnings at a rate, and returns how long they took."""
    profile = load_profile("earn")
    data = [
        {**profile.request(call), "request_id": f"look-{number}-{call}"}
        for call in range(LOOK_CALLS)
    ]
    file = folder / "earn.json"
    file.write_text(
        json.dumps(
            {
                "call": profile.call,
                "insecure": True,
                "connections": 4,
                "total": LOOK_CALLS,
                "async": True,
                "rps": rate,
                "duration-stop": "wait",
                "count-errors": True,
                "disable-template-functions": True,
                "disable-template-data": True,
                "data": data,
            }
        )
    )
    return run_ghz("--config", file, address)


def _told(url: str, bids: int, during: list[Run], quiet: list[Run]) -> Settled:
    with open_store(url) as store:
        problems = [str(each) for each in audit(store.backend).findings]
        with open_snapshot(store.backend) as snapshot:
            home = object_home("auction", AUCTION)
            wanted = select(record).where(record.c.member_id == home)
            rows = snapshot.all(wanted.order_by(record.c.number))
    steps = [step for row in rows if (step := _step_of(record_of(row)))]
    made, times = zip(*steps, strict=True)
    gaps = [after - before for before, after in pairwise(times)]
    if sum(made) < bids:
        problems.append(f"{sum(made)} transactions for {bids} holds")
    problems += [
        f"{each.statuses}" for each in during if each.accepted < each.call_count
    ]
    return Settled(
        bids=bids,
        seconds=round((times[-1] - times[0]) / 1e6, 1),
        steps=len(steps),
        step_transactions=max(made),
        step_ms=round(max(gaps) / 1e3, 1),
        earn_p50_ms=median(each.p50_ms for each in during),
        earn_p99_ms=median(each.p99_ms for each in during),
        quiet_p50_ms=median(each.p50_ms for each in quiet),
        quiet_p99_ms=median(each.p99_ms for each in quiet),
        problems=problems,
    )


def _step_of(found: Record) -> tuple[int, int] | None:
    """Returns how many transactions a step has made, and when; None for no step."""
    done = found.result
    if isinstance(done, PluginCall) and done.method == "job/settle":
        return len(done.transactions), found.record_time
    return None


if __name__ == "__main__":
    bench()
