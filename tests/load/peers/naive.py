"""A ledger as a team would write it at first: one transaction for each call.

The same contract for Earn, the same tables, the same durability: rows are locked with
SELECT … FOR UPDATE, written, and committed, by as many threads as there are
connections. No chain, no limits, no program: all in its favour.

    python -m tests.load.peers.naive postgresql+psycopg://…
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
import psycopg
from google.protobuf.message import Message

from points.domain.identity import Place, part_of
from points.domain.revision import write_revision
from points.store.opening import open_store
from points.v1.ledger_service_pb2 import EarnRequest, EarnResponse
from points.v1.transaction_pb2 import Posting, Transaction


CONNECTIONS: Final = 16
"""Threads that answer, each with a connection of its own."""

_NEVER: Final = 2**63 - 1
_KNOWN = """
    SELECT body FROM record WHERE part = %s AND member_id = %s AND request_id = %s"""
_HEAD = """
    SELECT last_number, last_lot_number FROM head WHERE part = %s FOR UPDATE"""
_MEMBER = """
    SELECT state FROM member WHERE part = %s AND member_id = %s"""
_BALANCES = """
    SELECT account, balance FROM account
    WHERE part = %s AND account = ANY(%s) AND unit = %s FOR UPDATE"""
_SAVE_BALANCE = """
    INSERT INTO account VALUES (%s, %s, %s, %s, %s, %s, 0, 0, '', '', 0)
    ON CONFLICT (part, account, unit) DO UPDATE SET balance = excluded.balance"""
_ADD_RECORD = """
    INSERT INTO record VALUES
    (%s, %s, %s, %s, 'EARN', 'core', 1, '', %s, %s, 0, 0, %s, '', '')"""
_ADD_LOT = """
    INSERT INTO lot VALUES
    (%s, %s, %s, %s, %s, %s, %s, 0, %s, %s, 0, '', '', '', 0, 0, 0, '')"""
_SAVE_HEAD = """
    UPDATE head SET last_number = %s, last_lot_number = %s, last_time = %s
    WHERE part = %s"""


class Naive:
    """Answers each call in a transaction of its own."""

    def __init__(self, url: str, part_count: int) -> None:
        self._url = url.replace("+psycopg", "")
        self._part_count = part_count
        self._local = threading.local()

    def earn(self, request: EarnRequest, context: grpc.ServicerContext) -> Message:
        """Adds points to a member."""
        part = part_of(request.member_id, self._part_count)
        connection = self._connection()
        with connection.transaction():
            known = self._one(_KNOWN, part, request.member_id, request.request_id)
            if known:
                return EarnResponse.FromString(bytes.fromhex(known[0]))
            if not self._one(_MEMBER, part, request.member_id):
                context.abort(grpc.StatusCode.NOT_FOUND, "there is no such member")
            return self._add(connection, part, request)

    def _add(
        self, connection: psycopg.Connection, part: int, request: EarnRequest
    ) -> EarnResponse:
        now, points = time.time_ns() // 1_000, request.points
        found = self._one(_HEAD, part)
        assert found is not None
        number, lot = found[0] + 1, found[1] + 1
        names = ["issuance", f"member:{request.member_id}"]
        rows = connection.execute(_BALANCES, (part, names, request.unit)).fetchall()
        balances: dict[str, int] = dict(rows)
        response = _response(part, number, request)
        body = response.SerializeToString().hex()
        moves = ((names[0], -points, -_NEVER), (names[1], points, 0))
        for name, change, floor in moves:
            balance = balances.get(name, 0) + change
            row = (part, name, request.unit, balance, floor, max(change, 0))
            connection.execute(_SAVE_BALANCE, row)
        member, unit = request.member_id, request.unit
        connection.execute(
            _ADD_RECORD, (part, number, member, request.request_id, now, now, body)
        )
        connection.execute(
            _ADD_LOT, (part, lot, member, unit, points, points, now, _NEVER, number)
        )
        connection.execute(_SAVE_HEAD, (number, lot, now, part))
        return response

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        return self._connection().execute(statement, values).fetchone()

    def _connection(self) -> psycopg.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = psycopg.connect(self._url, autocommit=True)
        connection: psycopg.Connection = self._local.connection
        return connection


def _response(part: int, number: int, request: EarnRequest) -> EarnResponse:
    posting = Posting(
        source="issuance",
        destination=f"member:{request.member_id}",
        unit=request.unit,
        points=request.points,
    )
    return EarnResponse(
        transaction=Transaction(
            transaction_id=Place(part, number).transaction_id(),
            member_id=request.member_id,
            postings=[posting],
            reason=request.reason,
            request_id=request.request_id,
        ),
        revision=write_revision({part: number}),
    )


def main(url: str) -> None:
    """Serves until it is stopped, and prints where."""
    with open_store(url, migrating=True) as store:
        naive = Naive(url, store.part_count)
    server = grpc.server(ThreadPoolExecutor(CONNECTIONS))
    method = grpc.unary_unary_rpc_method_handler(
        naive.earn,
        request_deserializer=EarnRequest.FromString,
        response_serializer=EarnResponse.SerializeToString,
    )
    name, methods = "points.v1.LedgerService", {"Earn": method}
    handler = grpc.method_handlers_generic_handler(name, methods)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)  # noqa: T201 - output
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1])
