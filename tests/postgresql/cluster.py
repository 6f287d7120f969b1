"""Run a PostgreSQL server on a data directory of its own, and kill it at will."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.postgresql.guard import directory_until_exit, guarded_directory, memory
from tests.postgresql.installation import (
    copy_installation,
    give_away,
    log_file,
    spawn,
)
from tests.postgresql.ports import LOOPBACK, free_port


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.postgresql.guard import Guard


SUPERUSER = "postgres"

# Generous, for a busy machine: a start takes 0.1 s, after a kill 0.2 s.
_START_SECONDS_MAX = 60
_STOP_SECONDS_MAX = 10
_POLL_SECONDS = 0.01

_QUOTED_CHARACTERS_MAX = 4000

# As durable as in production, for tests kill the server and count the rows.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # No socket file: its path may have no more than 107 characters.
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    # In the data directory, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}


class ClusterError(RuntimeError):
    """A program of PostgreSQL failed: its log says why."""

    def __init__(self, *, command: str, log: Path) -> None:
        """Quote the end of the log."""
        end = log.read_text(errors="replace")[-_QUOTED_CHARACTERS_MAX:]
        super().__init__(f"{command} failed; its log ends with:\n{end}")


class Cluster:
    """A data directory and, while it runs, the server on it."""

    def __init__(self, *, programs: Path, guard: Guard) -> None:
        """Take the data directory in what `guard` watches over."""
        self.port = free_port()
        self.directory = guard.directory
        self._programs = programs
        self._guard = guard
        self._data = guard.directory / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, on the same data and port each time.

        Raises:
            RuntimeError: It runs already.
            ClusterError: It does not come up.
        """
        if self._process is not None:
            message = "the PostgreSQL server runs already"
            raise RuntimeError(message)
        settings = [f"--{name}={value}" for name, value in self._settings()]
        command = [str(self._programs / "postgres"), f"-D{self._data}", *settings]
        self._process = spawn(command, directory=self.directory)
        self._guard.watch(self._process.pid)
        self._wait_until_ready(self._process)

    def kill(self) -> None:
        """End all processes of the server at once, as a loss of power would.

        Raises:
            RuntimeError: It does not run.
        """
        if self._process is None:
            message = "the PostgreSQL server does not run"
            raise RuntimeError(message)
        _stop_forking(self._process)
        _kill([self._process.pid, *_children(self._process.pid)])
        self._forget(self._process)

    def stop(self) -> None:
        """End the server without care for its data, if it runs."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(_STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._forget(self._process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._process = None
        self._guard.unwatch()

    def _settings(self) -> Iterable[tuple[str, str]]:
        return {**_SETTINGS, "port": str(self.port)}.items()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS_MAX
        while not self._is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ClusterError(command="postgres", log=log_file(self.directory))
            time.sleep(_POLL_SECONDS)

    def _is_ready(self, process_id: int) -> bool:
        """Tell whether the lock file says so, and is not of a killed server."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(process_id)] and lines[-1].strip() == "ready"


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """Yield a new cluster that runs, and leave nothing of it behind.

    Args:
        programs: The folder of `initdb` and `postgres`.
    """
    template = _template(programs)
    with guarded_directory() as guard:
        give_away(guard.directory)
        _run("cp", "-R", str(template.data), ".", directory=guard.directory)
        cluster = Cluster(programs=template.programs, guard=guard)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@dataclass(frozen=True, kw_only=True)
class _Template:
    """A data directory to copy, and the programs that can be run on it."""

    programs: Path
    data: Path


@cache
def _template(programs: Path) -> _Template:
    """Make a data directory once: a copy takes a tenth of the time."""
    directory = directory_until_exit(memory())
    give_away(directory)
    try:
        return _initialised(programs, directory)
    except PermissionError:
        # The programs are in a home that only root may enter. To open that home to
        # everyone is not for a test to do. Not in memory: it may refuse to run them.
        copy = copy_installation(programs, into=directory_until_exit(None))
        return _initialised(copy, directory)


def _initialised(programs: Path, directory: Path) -> _Template:
    _run(
        str(programs / "initdb"),
        f"--pgdata={directory / 'data'}",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        # The tests end before the machine does.
        "--no-sync",
        directory=directory,
    )
    return _Template(programs=programs, data=directory / "data")


def _run(*command: str, directory: Path) -> None:
    if spawn(command, directory=directory).wait() != 0:
        raise ClusterError(command=command[0], log=log_file(directory))


def _stop_forking(process: subprocess.Popen[bytes]) -> None:
    """Halt the parent, so that the list of its children is complete and stays so."""
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)


def _children(process_id: int) -> list[int]:
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in children.read_text().split()]


def _kill(process_ids: Iterable[int]) -> None:
    """Kill the processes and return when they are gone, for a kill is no wait.

    A new server would refuse the data while one of the old processes lives.
    """
    descriptors = [os.pidfd_open(process_id) for process_id in process_ids]
    for descriptor in descriptors:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    for descriptor in descriptors:
        ended = select.poll()
        ended.register(descriptor, select.POLLIN)
        ended.poll()
        os.close(descriptor)
