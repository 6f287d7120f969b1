"""VerifyLedger: the audit in a thread of its own, and how far it has come."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Executor
from typing import Final

from points.domain.refusals import InvalidArgument
from points.domain.revision import write_revision
from points.engine.engine import Engine
from points.server.calls import Stream
from points.store.proof.audit import audit
from points.store.proof.findings import FINDINGS_MAX, Audit
from points.v1 import verification_pb2


_FINDINGS_DEFAULT: Final = 100

_TELL_SECONDS: Final = 0.5
"""Pause between two messages: callers are promised one a second."""


class _GivenUp(Exception):  # noqa: N818 - nothing failed
    """Ends the audit of a caller who has gone."""


class VerificationMethods:
    """Answers the calls about proof of `points.v1.LedgerService`.

    Verifications come one after the other, for each reads everything there is; those
    that wait say that they have read nothing yet.
    """

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads

    async def verify_ledger(
        self, request: verification_pb2.VerifyLedgerRequest, stream: Stream
    ) -> None:
        """Works all state out anew and tells how far it has come, then what it found.

        Raises InvalidArgument.
        """
        limit = _findings_max(request)
        running = _Running(self._engine)
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, running.run)
        try:
            while not work.done():
                await stream.write(_progress(running.found))
                await asyncio.wait({work}, timeout=_TELL_SECONDS)
            await stream.write(_verification(work.result(), limit))
        finally:
            running.given_up.set()
            work.cancel()


class _Running:
    """Is an audit under way; the loop looks at what its thread has found so far."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.found = Audit()
        self.given_up = threading.Event()

    def run(self) -> Audit:
        """Returns what the audit has found; raises StoreLost."""
        return audit(self._engine.store.backend, on_progress=self._look)

    def _look(self, found: Audit) -> None:
        self.found = found
        if self.given_up.is_set():
            raise _GivenUp


def _findings_max(request: verification_pb2.VerifyLedgerRequest) -> int:
    if request.findings_max < 0:
        raise InvalidArgument({"findings_max": "must not be negative"})
    return min(request.findings_max or _FINDINGS_DEFAULT, FINDINGS_MAX)


def _progress(found: Audit) -> bytes:
    progress = verification_pb2.VerificationProgress(
        record_count=found.counts.records,
        total_record_count=found.total_record_count,
    )
    message = verification_pb2.VerifyLedgerResponse(progress=progress)
    return message.SerializeToString()


def _verification(found: Audit, limit: int) -> bytes:
    verification = verification_pb2.Verification(
        intact=not found.finding_count,
        record_count=found.counts.records,
        findings=[
            verification_pb2.Finding(part=part, number=number, message=message)
            for part, number, message in found.findings[:limit]
        ],
        finding_count=found.finding_count,
        heads=[verification_pb2.ChainHead(**head._asdict()) for head in found.heads],
        revision=write_revision({h.part: h.number for h in found.heads if h.number}),
    )
    message = verification_pb2.VerifyLedgerResponse(verification=verification)
    return message.SerializeToString()
