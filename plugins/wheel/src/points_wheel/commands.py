"""`points wheel verify`: a proof worked out again, with nothing but the proof."""

from __future__ import annotations

from typing import Any, BinaryIO

import click
from google.protobuf import json_format

from points_wheel.v1.wheel_service_pb2 import SpinProof, VerifySpinResponse
from points_wheel.verifying import problems_of


WRONG = 2
"""Exit status where something does not follow from the seed."""


@click.command("verify")
@click.argument("proof", type=click.File("rb"), default="-")
def verify(proof: BinaryIO) -> None:
    """Works out each draw of a PROOF again: an answer of VerifySpin, as JSON.

    Reads the proof from a file, or from what is piped in. Exits with 2 if anything
    does not follow from the revealed seed.
    """
    read = _read(proof.read())
    problems = problems_of(read)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(WRONG)
    for draw in read.draws:
        total = sum(map(int, draw.weights))
        click.echo(f"nonce {draw.nonce}: {draw.prize_id} ({draw.roll} of {total})")
    click.echo(f"{len(read.draws)} draws follow from the seed {read.seed.commitment}")


def _read(text: bytes) -> SpinProof:
    """Returns the proof of a VerifySpin answer, or a proof by itself."""
    for kind in (VerifySpinResponse, SpinProof):
        message: Any = kind()
        try:
            json_format.Parse(text, message)
        except (json_format.ParseError, UnicodeDecodeError):
            continue
        read: SpinProof = message.proof if kind is VerifySpinResponse else message
        if read.draws:
            return read
    raise click.ClickException(
        "this is no proof: the JSON of a VerifySpin answer, in UTF-8, is"
    )
