"""A TCP proxy that loses connections when a test says so.

It stands in front of a PostgreSQL server and makes the moment happen that a ledger
must survive: a commit whose answer never comes.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self

from sqlalchemy import make_url

from tests.postgresql.ports import LOOPBACK, free_port


if TYPE_CHECKING:
    from collections.abc import Callable


_CHUNK_BYTES_MAX = 65_536

# How PostgreSQL ends an answer: ReadyForQuery, a message of five bytes; or, where a
# client asks for rows in the midst of a stream of statements, what completes these.
_END_OF_ANSWER = re.compile(
    rb"Z\x00\x00\x00\x05|C\x00\x00\x00.SELECT \d+\x00", re.DOTALL
)


class TcpProxy:
    """A proxy in front of a server address, to be used in a `with` block."""

    def __init__(self, *, upstream: tuple[str, int]) -> None:
        """Listen, and pass on to `upstream` what comes.

        `turns` counts how often a client has asked something behind an answer.
        """
        self.address = (LOOPBACK, free_port())
        self._upstream = upstream
        # Guards the three below: accepting threads and the test's own meet here.
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._links: list[_Link] = []
        self.turns = 0
        self._traps: list[_Trap] = []
        self.heal()

    def __enter__(self) -> Self:
        """Return the proxy itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening and close all connections."""
        self.cut()

    def url(self, database_url: str) -> str:
        """Return the URL of the same database through this proxy."""
        host, port = self.address
        url = make_url(database_url).set(host=host, port=port)
        # The proxy looks for words in what it passes on, so they must be readable.
        url = url.update_query_dict({"sslmode": "disable"})
        return url.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Close all connections, and refuse new ones until `heal`."""
        with self._lock:
            listener, self._listener = self._listener, None
            links, self._links = self._links, []
        if listener is not None:
            _wake(listener)
            listener.close()
        for link in links:
            link.cut()
            link.join()

    def heal(self) -> None:
        """Accept connections again, on the same address."""
        with self._lock:
            if self._listener is None:
                self._listener = socket.create_server(self.address)
                _in_background(partial(self._accept, self._listener))

    def cut_after(self, needle: bytes) -> threading.Event:
        """Lose the next answer to a request with `needle` in it, once.

        The server gets the request, and what follows it, and carries that out. Its
        answer is awaited and thrown away, and the connection of the client is closed.

        Args:
            needle: What to look for in one chunk of what a client sends.

        Returns:
            An event that is set when it has happened.
        """
        return self._set_trap(_Trap(needle=needle, forwards=True))

    def cut_before(self, needle: bytes) -> threading.Event:
        """Lose the next request with `needle` in it, once.

        The server never gets the request, and the connection is closed.

        Args:
            needle: What to look for in one chunk of what a client sends.

        Returns:
            An event that is set when it has happened.
        """
        return self._set_trap(_Trap(needle=needle, forwards=False))

    def _count_turn(self) -> None:
        with self._lock:
            self.turns += 1

    def _set_trap(self, trap: _Trap) -> threading.Event:
        with self._lock:
            self._traps.append(trap)
        return trap.sprung

    def _take_trap(self, chunk: bytes) -> _Trap | None:
        with self._lock:
            for trap in self._traps:
                if trap.needle in chunk:
                    self._traps.remove(trap)
                    return trap
        return None

    def _accept(self, listener: socket.socket) -> None:
        # The listener is closed by `cut`, and that ends this thread.
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._link(client, listener)

    def _link(self, client: socket.socket, listener: socket.socket) -> None:
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            # The server is away: for the client the connection is lost.
            client.close()
            return
        link = _Link(
            client=client,
            server=server,
            take_trap=self._take_trap,
            on_turn=self._count_turn,
        )
        with self._lock:
            if self._listener is listener:
                self._links.append(link)
                return
        # Accepted, but cut since.
        link.cut()


@dataclass(frozen=True, kw_only=True)
class _Trap:
    """What to wait for, and whether the server still gets it."""

    needle: bytes
    forwards: bool
    sprung: threading.Event = field(default_factory=threading.Event)


class _Link:
    """One connection of a client, and the one to the server behind it."""

    def __init__(
        self,
        *,
        client: socket.socket,
        server: socket.socket,
        take_trap: Callable[[bytes], _Trap | None],
        on_turn: Callable[[], None],
    ) -> None:
        self._client = client
        self._server = server
        self._take_trap = take_trap
        self._swallowing: _Trap | None = None
        self._on_turn = on_turn
        self._is_answered = True
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = _in_background(self._run)

    def cut(self) -> None:
        """Close both connections; the thread notices and ends."""
        for end in (self._client, self._server):
            _wake(end)

    def join(self) -> None:
        """Wait until both connections are closed."""
        self._thread.join()

    def _run(self) -> None:
        answers = _in_background(self._pass_answers)
        with self._client, self._server:
            trap = self._pass_requests()
            if trap is not None:
                trap.sprung.set()
            self.cut()
            answers.join()

    def _pass_requests(self) -> _Trap | None:
        """Pass on what the client sends, up to its end or to a trap that keeps it.

        Behind a trap that passes it on, the rest of the request passes as well.
        """
        # Either end may go away at any time: that is what this proxy is about.
        with suppress(OSError):
            while chunk := self._client.recv(_CHUNK_BYTES_MAX):
                trap = None if self._swallowing else self._take_trap(chunk)
                if trap is not None and not trap.forwards:
                    return trap
                if self._is_answered:
                    self._is_answered = False
                    self._on_turn()
                # A client has had all answers to what came before.
                self._swallowing = self._swallowing or trap
                self._server.sendall(chunk)
        return None

    def _pass_answers(self) -> None:
        """Pass on what the server sends, up to its end or to a swallowed answer."""
        swallowed = b""
        with suppress(OSError):
            while chunk := self._server.recv(_CHUNK_BYTES_MAX):
                trap = self._swallowing
                if trap is None:
                    self._is_answered = True
                    self._client.sendall(chunk)
                    continue
                swallowed += chunk
                if _END_OF_ANSWER.search(swallowed):
                    # Before the cut, so that a client that sees the cut finds it set.
                    trap.sprung.set()
                    break
        self.cut()


def _wake(end: socket.socket) -> None:
    """Wake the thread that waits on a socket, which `close` alone does not."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _in_background(function: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread
