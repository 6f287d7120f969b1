"""Proof that the books are right, for Python programs."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from points.client.connection import Connection
from points.client.errors import points_error
from points.v1.verification_pb2 import (
    Verification,
    VerificationProgress,
    VerifyLedgerRequest,
)


class ProofCalls(Connection):
    """Adds the calls about proof to a connection."""

    def verify_ledger(
        self,
        *,
        findings_max: int = 0,
        on_progress: Callable[[VerificationProgress], object] = lambda _: None,
    ) -> Verification:
        """Has the server work all state out anew; waits for it, however long.

        Args:
            findings_max: Findings to list: 100 if zero, at most 1000.
            on_progress: Is told how far it has come, at least once a second.
        """
        request = VerifyLedgerRequest(findings_max=findings_max)
        verification = Verification()
        try:
            for message in self.ledger.VerifyLedger(request):
                if message.HasField("progress"):
                    on_progress(message.progress)
                verification = message.verification
        except grpc.RpcError as error:
            raise points_error(error, request) from error
        return verification
