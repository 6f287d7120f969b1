"""Choose TCP ports that stay ours while nothing listens on them."""

from __future__ import annotations

import secrets
import socket


LOOPBACK = "127.0.0.1"

# Below the ports that systems give to outgoing connections (32768 on Linux): a
# server that was killed finds its port still free when it starts again.
_PORTS = range(20_000, 32_768)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    # `secrets`, for two test runs of one random seed must not get equal ports.
    while not _is_free(port := secrets.choice(_PORTS)):
        pass
    return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True
