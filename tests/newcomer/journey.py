"""Walks the whole way in a clean environment: `uv run poe newcomer`.

Wheel of the engine, empty environment, `points plugins new`, wheel of the plugin,
installed beside the server, checked, its own tests with the conformance laws, a
server, a call. What an author types is what runs here; the seconds are printed.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from tests.serving import clean_environment


REPOSITORY: Final = Path(__file__).parents[2]
NAME: Final = "wave"
_LISTENING: Final = re.compile(r"listening on (\S+)")
_START_SECONDS: Final = 60

CALL: Final = """
import sys
import grpc
from points.client import PointsClient
from points_wave.v1 import wave_service_pb2 as pb
from points_wave.v1.wave_service_pb2_grpc import WaveServiceStub

address = sys.argv[1]
with PointsClient(address) as client, grpc.insecure_channel(address) as channel:
    client.create_member("alice")
    request = pb.CollectRequest(member_id="alice", request_id="first")
    response = WaveServiceStub(channel).Collect(request, timeout=10)
    (balances,) = client.get_balances("alice", unit="points").balances
    print(f"points={response.points} available={balances.available}")
"""


@dataclass
class Journey:
    """Is the way so far: the folder it is walked in, and the seconds of each step."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """Returns the interpreter of the clean environment."""
        return self.folder / "clean" / "bin" / "python"

    def run(self, step: str, *command: str | Path, at: Path | None = None) -> str:
        """Runs a command as one step; raises SystemExit with what it said."""
        started = time.monotonic()
        done = subprocess.run(
            [str(part) for part in command],
            cwd=at or self.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        self.seconds[step] = time.monotonic() - started
        if done.returncode:
            sys.exit(f"{step} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def wheel(self, step: str, source: Path) -> Path:
        """Builds the wheel of a folder and returns it."""
        out = self.folder / f"wheel-{step.split(maxsplit=1)[0]}"
        self.run(step, "uv", "build", "-q", "--wheel", source, "-o", out)
        (built,) = out.glob("*.whl")
        return built

    def points(self, step: str, *arguments: str) -> str:
        """Runs `points` of the clean environment."""
        return self.run(step, self.python, "-m", "points", *arguments)


def walk(folder: Path) -> Journey:
    """Walks the whole way within a folder; raises SystemExit where it ends early."""
    journey = Journey(folder)
    plugin = folder / NAME
    engine = journey.wheel("engine's wheel", REPOSITORY)
    journey.run("clean environment", "uv", "venv", "-q", folder / "clean")
    _install(journey, "install engine", f"{engine}[kit]")
    journey.points("points plugins new", "plugins", "new", NAME)
    wheel = journey.wheel("plugin's wheel", plugin)
    _install(journey, "install plugin", str(wheel))
    journey.points("points plugins check", "plugins", "check", NAME)
    pytest = (journey.python, "-m", "pytest", "-q")
    click.echo(journey.run("its tests", *pytest, at=plugin))
    with _served(journey) as address:
        said = journey.run("call over gRPC", journey.python, "-c", CALL, address)
    if said.strip() != "points=5 available=5":
        sys.exit(f"the call was answered with {said}")
    return journey


def _install(journey: Journey, step: str, what: str) -> None:
    journey.run(step, "uv", "pip", "install", "-q", "--python", journey.python, what)


@contextmanager
def _served(journey: Journey) -> Iterator[str]:
    """Runs a server of the clean environment; yields its address."""
    output = journey.folder / "server.out"
    started = time.monotonic()
    with output.open("wb") as out:
        server = subprocess.Popen(
            [str(journey.python), "-m", "points", "serve", "--address=127.0.0.1:0"],
            cwd=journey.folder,
            stdout=out,
            stderr=out,
            env=clean_environment(),
        )
    try:
        while not (found := _LISTENING.search(output.read_text())):
            if server.poll() is not None or time.monotonic() - started > _START_SECONDS:
                sys.exit(f"the server did not start:\n{output.read_text()}")
            time.sleep(0.05)
        journey.seconds["points serve"] = time.monotonic() - started
        yield found[1]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def main() -> None:
    """Walks the way and prints how long each step took."""
    with TemporaryDirectory() as folder:
        journey = walk(Path(folder))
    for step, seconds in journey.seconds.items():
        click.echo(f"{seconds:8.1f} s  {step}")
    click.echo(f"{sum(journey.seconds.values()):8.1f} s  in all")


if __name__ == "__main__":
    main()
