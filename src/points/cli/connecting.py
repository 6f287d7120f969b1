"""Clients of a running server, for the commands that call one.

How they prove who calls is said in the environment, and the same for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
import grpc

from points.cli.pem import read_pem
from points.client import PointsClient, PointsError


TOKEN_VARIABLE = "POINTS_CLIENT_TOKEN"  # noqa: S105 - the name of a variable
CA_VARIABLE = "POINTS_CLIENT_CA"
CERTIFICATE_VARIABLE = "POINTS_CLIENT_CERTIFICATE"
KEY_VARIABLE = "POINTS_CLIENT_KEY"


@contextmanager
def calling(address: str) -> Iterator[PointsClient]:
    """Opens a client; what a server refuses ends in one line.

    Raises click.ClickException for it, and where a file cannot be read.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    with PointsClient(address, credentials=_credentials(), token=token) as client:
        try:
            yield client
        except PointsError as error:
            raise click.ClickException(str(error)) from error
        except UnicodeEncodeError as error:
            message = f"{error.object!a} is not UTF-8: no server takes it"
            raise click.ClickException(message) from error


def _credentials() -> grpc.ChannelCredentials | None:
    """Returns how to encrypt, None for not at all."""
    ca, certificate, key = (
        os.environ.get(name) or None
        for name in (CA_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE)
    )
    if bool(certificate) != bool(key):
        both = f"{CERTIFICATE_VARIABLE} and {KEY_VARIABLE}"
        raise click.ClickException(f"{both}: one is of no use without the other")
    if not (ca or certificate):
        return None
    return grpc.ssl_channel_credentials(
        root_certificates=read_pem(ca) if ca else None,
        private_key=read_pem(key) if key else None,
        certificate_chain=read_pem(certificate) if certificate else None,
    )
