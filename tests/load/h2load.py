"""Runs h2load in the place of ghz, which it cannot wholly stand in for.

h2load sends one request again and again: of writes all but the first are replays of its
`request_id`, which take the way of any write but record nothing. And it sees the status
of HTTP, which is 200 whatever gRPC says of a call. So it tells how many calls a server
answers, and how fast; not what a write costs, nor whether a call was OK. Therefore the
request is sent once by gRPC beforehand, and the ledger must not change any more.
"""

from __future__ import annotations

import re
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import grpc
from google.protobuf.message import Message

from tests.load.accounting import Account
from tests.load.calling import requests_of
from tests.load.calling import sender as send_once
from tests.load.ghz import Run
from tests.load.profiles import Profile
from tests.load.sending import Line, Sender


CONNECTIONS: Final = 8
IN_FLIGHT: Final = 8
"""Calls in flight on each connection: the profiles have 64 on all of them."""

STREAMS: Final = frozenset({"watch"})
"""Profiles that h2load cannot send: their answers do not end."""

_RATE: Final = re.compile(r"^finished in [^,]+, ([0-9.]+) req/s", re.MULTILINE)
_COUNTS: Final = re.compile(
    r"^requests: .* (\d+) succeeded, (\d+) failed", re.MULTILINE
)
_UNCOMPRESSED: Final = b"\0"
_LENGTH_BYTES: Final = 4


def repeat(sender: Sender, profile: Profile, total: int) -> Line:
    """Sends one request of a profile so often, and looks at the ledger.

    Nothing may be recorded after the first time.
    """
    (data,) = sender.requests(profile, 1)
    with grpc.insecure_channel(sender.address) as channel:
        send_once(channel, profile)(data)
    account, message = Account.open(sender.client), requests_of(profile)(data)
    run = run_h2load(profile.call, message, total, sender.address, sender.folder)
    failed = [f"{run.call_count - run.accepted} failed"] * (run.accepted < total)
    return Line(
        profile=profile.name,
        database=sender.database,
        offered=0,
        run=run,
        problems=[*failed, *account.problems(profile, 0, 0)],
    )


def run_h2load(
    call: str, message: Message, calls: int, address: str, folder: Path
) -> Run:
    """Sends a message so many times; raises CalledProcessError if h2load cannot run.

    What HTTP calls a success counts as OK, whatever gRPC says of it.
    """
    body, log = folder / "body", folder / "h2load.log"
    body.write_bytes(framed(message))
    log.unlink(missing_ok=True)
    command = [
        *("h2load", f"--requests={calls}", f"--clients={CONNECTIONS}"),
        *(f"--max-concurrent-streams={IN_FLIGHT}", f"--data={body}"),
        *("--header=content-type: application/grpc", "--header=te: trailers"),
        *(f"--log-file={log}", f"http://{address}/{call}"),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return read_output(done.stdout, log.read_text().splitlines())


def framed(message: Message) -> bytes:
    """Returns a message as gRPC sends it: a flag and its length come first."""
    body = message.SerializeToString()
    return _UNCOMPRESSED + len(body).to_bytes(_LENGTH_BYTES, "big") + body


def read_output(said: str, log: Iterable[str]) -> Run:
    """Returns the run that h2load has told of; raises ValueError for other words.

    A line of its log is the start of a request, its status and its microseconds.
    """
    rate, counts = _RATE.search(said), _COUNTS.search(said)
    if rate is None or counts is None:
        raise ValueError(said)
    took = sorted(int(line.split("\t")[2]) / 1_000 for line in log)
    statuses = {"OK": int(counts[1]), "failed": int(counts[2])}
    return Run(
        rate=float(rate[1]),
        p50_ms=_percentile(took, 50),
        p99_ms=_percentile(took, 99),
        statuses={status: count for status, count in statuses.items() if count},
    )


def _percentile(took: Sequence[float], percent: int) -> float:
    if len(took) < 2:
        return sum(took)
    return statistics.quantiles(took, n=100, method="inclusive")[percent - 1]
