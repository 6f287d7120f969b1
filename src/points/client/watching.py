"""The change feed for Python programs: pages, and an iterator that does not end."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import grpc

from points.client.connection import Connection
from points.client.errors import Unavailable, points_error
from points.v1.change_pb2 import Change
from points.v1.ledger_service_pb2 import (
    ListChangesRequest,
    ListChangesResponse,
    WatchRequest,
    WatchResponse,
)


_PAUSE_SECONDS: Final = 0.05
_PAUSE_SECONDS_MAX: Final = 2.0


class WatchingConnection(Connection):
    """Adds the change feed to a connection."""

    def list_changes(
        self,
        *,
        resume_token: str = "",
        from_now: bool = False,
        member_ids: Iterable[str] = (),
        kinds: Iterable[str] = (),
        channels: Iterable[str] = (),
        page_size: int = 0,
    ) -> ListChangesResponse:
        """Returns the next page of changes, and the token to go on behind it.

        Args:
            resume_token: Where to go on; empty means from the beginning.
            from_now: Returns no changes, and the token of what comes.
            member_ids: Only changes of these members; empty means all.
            kinds: Only commands of these kinds, such as `EARN`; empty means all.
            channels: Only commands of these channels; empty means all.
            page_size: Changes asked for: 50 if zero, at most 1000.
        """
        request = ListChangesRequest(
            page_size=page_size,
            resume_token=resume_token,
            from_now=from_now,
            member_ids=member_ids,
            kinds=kinds,
            channels=channels,
        )
        return self._call(self.ledger.ListChanges, request)

    def watch(
        self,
        *,
        resume_token: str = "",
        from_now: bool = False,
        member_ids: Iterable[str] = (),
        kinds: Iterable[str] = (),
        channels: Iterable[str] = (),
        on_checkpoint: Callable[[str], object] = lambda _token: None,
    ) -> Iterator[Change]:
        """Yields changes in commit order, and waits for more, without end.

        A server that stops or cannot be reached is called again from the last
        token, for as long as it takes: nothing is missed, nothing comes twice.
        Keep the `resume_token` of the last change you have dealt with, to go on
        from there in another process. A caller who takes longer than changes come
        gets `Refused` with reason WATCHER_TOO_SLOW in the end.

        Args:
            resume_token: Where to begin; empty means at the beginning.
            from_now: Skips all that is committed already.
            member_ids: Only changes of these members; empty means all.
            kinds: Only commands of these kinds, such as `EARN`; empty means all.
            channels: Only commands of these channels; empty means all.
            on_checkpoint: Takes tokens that are good without a change.
        """
        request = WatchRequest(
            resume_token=resume_token,
            from_now=from_now,
            member_ids=member_ids,
            kinds=kinds,
            channels=channels,
        )
        pause = _PAUSE_SECONDS
        while True:
            try:
                for message in self._messages(request):
                    pause = _PAUSE_SECONDS
                    if message.HasField("change"):
                        _go_on_from(request, message.change.resume_token)
                        yield message.change
                    else:
                        _go_on_from(request, message.checkpoint.resume_token)
                        on_checkpoint(message.checkpoint.resume_token)
            except Unavailable:
                # A little chance keeps many watchers from coming back in step.
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
                pause = min(pause * 2, _PAUSE_SECONDS_MAX)

    def _messages(self, request: WatchRequest) -> Iterator[WatchResponse]:
        """Yields the messages of one call, which is cancelled behind the last."""
        call = self.ledger.Watch(request, wait_for_ready=True)
        try:
            yield from call
        except grpc.RpcError as error:
            raise points_error(error, request) from error
        finally:
            call.cancel()


def _go_on_from(request: WatchRequest, token: str) -> None:
    request.resume_token = token
    request.from_now = False
