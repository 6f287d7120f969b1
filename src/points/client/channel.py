"""Opens channels with settings that suit a points server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import grpc

from points.client.bearer import BearerToken


ChannelOption = tuple[str, int | str]

# Only UNAVAILABLE is retried: it may be gone at the next try, and writes carry a
# request id. The throttle stops retries once half of the tokens are lost, so that
# clients do not multiply the load of a server that is down. There is no timeout in
# here because each call brings its own deadline.
SERVICE_CONFIG = {
    # An address that stands for several servers spreads the calls over all of them.
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],  # all services, those of plugins too
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        },
    ],
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}

# A batch of 10,000 commands is answered with as many transactions, which is more
# than the 4 MiB that gRPC accepts by itself.
ANSWER_BYTES_MAX = 64 * 1024 * 1024

CHANNEL_OPTIONS: dict[str, int | str] = {
    "grpc.enable_http_proxy": 0,
    "grpc.service_config": json.dumps(SERVICE_CONFIG),
    # A dead connection is noticed within 80 seconds. Servers call pings that come
    # more often than every 30 seconds an attack.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    # A server that was away is found again soon, not after two minutes; one that was
    # away for a moment while the retries of a call last, which is 0.75 seconds: a
    # connection that a worker takes along when it dies must not fail its call.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5_000,
    "grpc.max_receive_message_length": ANSWER_BYTES_MAX,
}


def open_channel(
    target: str,
    *,
    credentials: grpc.ChannelCredentials | None = None,
    token: str | Callable[[], str] | None = None,
    options: Iterable[ChannelOption] = (),
) -> grpc.Channel:
    """Returns a channel to `target`; nothing is sent before the first call.

    Args:
        target: Address such as `127.0.0.1:50051`.
        credentials: How to encrypt; absent means plain text.
        token: Who calls, as a bearer token, or what returns one for each call.
        options: Options of gRPC that go before those of this module.
    """
    merged = list((CHANNEL_OPTIONS | dict(options)).items())
    if credentials is None:
        channel = grpc.insecure_channel(target, merged)
    else:
        channel = grpc.secure_channel(target, credentials, merged)
    if token is None:
        return channel
    asked = (lambda: token) if isinstance(token, str) else token
    return grpc.intercept_channel(channel, BearerToken(asked))
