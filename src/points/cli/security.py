"""What the settings say about who may call: TLS, and the keys of tokens."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click
import grpc
import structlog

from points.cli.pem import read_pem
from points.settings import Settings


if TYPE_CHECKING:
    from points.server.tokens import Tokens

_log = structlog.get_logger("points.server")


def credentials_in(settings: Settings) -> grpc.ServerCredentials | None:
    """Returns how the server encrypts, None for not at all.

    Raises click.ClickException where a file cannot be read.
    """
    if not settings.tls_certificate:
        return None
    clients = settings.tls_client_ca
    return grpc.ssl_server_credentials(
        [(read_pem(settings.tls_key), read_pem(settings.tls_certificate))],
        root_certificates=read_pem(clients) if clients else None,
        require_client_auth=bool(clients),
    )


def tokens_in(settings: Settings) -> Tokens | None:
    """Returns what checks the tokens of callers, None if they need none.

    Raises click.ClickException for keys that are no good.
    """
    if not settings.auth_keys:
        return None
    try:
        from points.server import tokens  # noqa: PLC0415 - only who checks tokens needs it
    except ModuleNotFoundError as error:
        message = f"auth_keys need {error.name}: pip install 'points-engine[auth]'"
        raise click.ClickException(message) from error
    try:
        return tokens.Tokens(
            Path(settings.auth_keys),
            audience=settings.auth_audience,
            issuer=settings.auth_issuer,
        )
    except tokens.KeysWrong as wrong:
        raise click.ClickException(str(wrong)) from wrong


def warn_if_open(settings: Settings) -> None:
    """Says in the log what others on the network can do: call, or read along."""
    if is_local(settings.address):
        return
    if not (settings.auth_keys or settings.tls_client_ca):
        _log.warning("open_to_all", address=settings.address)
    elif not settings.tls_certificate:
        _log.warning("not_encrypted", address=settings.address)


def is_local(address: str) -> bool:
    """Says whether only this machine can reach an address."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
