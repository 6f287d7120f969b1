"""The services of plugins: each method is a command, a query, or a watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from types import SimpleNamespace
from typing import Any, Final

from points.domain.changes import Position, Selection
from points.domain.refusals import Refusal
from points.engine.engine import Engine
from points.engine.plugins.calls import messages_of, plugin_of
from points.engine.plugins.guarding import failure_of
from points.engine.plugins.queries import answer_query
from points.engine.plugins.requests import call_of, is_validating
from points.engine.plugins.wellformed import check_wellformed
from points.plugin import methods
from points.plugin.methods import Mode
from points.plugin.registry import Plugin
from points.server.calls import Service, Stream, snake_case
from points.server.plugins.bells import Bell
from points.server.plugins.seats import Seats
from points.server.plugins.telling import Telling
from points.server.watchers import Watchers
from points.server.writes import Writes


WATCH_PAUSE_SECONDS: Final = 0.05
"""Least pause between two looks of a watch: commits in between are seen together."""

_REST_SECONDS: Final = 3_600.0


class Stored:
    """Is a response as it was stored: sent again to the byte."""

    __slots__ = ("_written",)

    def __init__(self, written: bytes) -> None:
        self._written = written

    def SerializeToString(self) -> bytes:  # noqa: N802 - as messages have it
        """Returns the bytes."""
        return self._written


class PluginMethods:
    """Answers the calls of plugins' own services.

    A plugin that is switched off is still served: its methods refuse.
    """

    def __init__(
        self, engine: Engine, writes: Writes, threads: Executor, watchers: Watchers
    ) -> None:
        self._engine = engine
        self._writes = writes
        self._threads = threads
        self._watchers = watchers
        self._seats = Seats()

    def services(self, plugin: Plugin) -> Sequence[Service]:
        """Returns the services of a plugin, with a function for each method."""
        return [
            Service(each.descriptor, (self._part(plugin, each),), plugin.name)
            for each in plugin.services
        ]

    def _part(self, plugin: Plugin, service: methods.Service) -> SimpleNamespace:
        kinds = {
            Mode.COMMAND: self._command,
            Mode.QUERY: self._query,
            Mode.WATCH: self._watch,
        }
        found: dict[str, Callable[..., Any]] = {}
        for method in service.methods:
            path = f"{service.descriptor.full_name}/{method.name}"
            found[snake_case(method.name)] = kinds[method.mode](plugin, path, method)
        return SimpleNamespace(**found)

    def _command(
        self, plugin: Plugin, path: str, method: methods.Method
    ) -> Callable[..., Any]:
        telling = Telling(method, messages_of(plugin, path)[1])
        asking = self._engine.plugins.breaker.asking

        async def answer(request: Any) -> Stored:
            try:
                with asking((plugin.name, path)):
                    command = call_of(plugin, path, method, request)
            except Refusal:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - of the plugin
                raise failure_of(plugin.name, path, error) from None
            validate_only = is_validating(request)
            outcome = await self._writes.execute(command, validate_only=validate_only)
            return Stored(telling.told(outcome, validate_only=validate_only))

        return answer

    def _query(
        self, plugin: Plugin, path: str, _method: methods.Method
    ) -> Callable[..., Any]:
        async def answer(request: Any) -> Any:
            return await self._look(plugin, path, request)

        return answer

    def _watch(
        self, plugin: Plugin, path: str, _method: methods.Method
    ) -> Callable[..., Any]:
        async def answer(request: Any, stream: Stream) -> None:
            with self._watchers.entered(stream, Selection(), Bell) as bell:
                bell.position = Position((0,) * self._engine.store.part_count)
                await self._watchers.join(bell)
                last: bytes | None = None
                while True:
                    bell.clear()
                    response = await self._look(plugin, path, request)
                    written = response.SerializeToString(deterministic=True)
                    if written != last:
                        await stream.write(written)
                        last = written
                    await asyncio.sleep(WATCH_PAUSE_SECONDS)
                    await bell.wait(_REST_SECONDS)

        return answer

    async def _look(self, plugin: Plugin, path: str, request: Any) -> Any:
        """Returns what a query answers, from a thread.

        Raises InvalidArgument for a request that is not well formed, PluginBusy, and
        what `answer_query` raises.
        """
        check_wellformed(request)
        plugin_of(self._engine.plugins.registry, plugin.name)
        await self._seats.take(plugin.name)
        return await self._seats.run(
            plugin.name, self._threads, self._answer, plugin, path, request
        )

    def _answer(self, plugin: Plugin, path: str, request: Any) -> Any:
        """Returns a query's response.

        It raises nothing that would end the loop in which somebody waits for it.
        """
        try:
            return self._response(plugin, path, request)
        except Exception:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises
            raise failure_of(plugin.name, path, error) from None

    def _response(self, plugin: Plugin, path: str, request: Any) -> Any:
        member_id = getattr(request, "member_id", "")
        response = answer_query(
            self._engine, plugin.name, path, request, member_id=member_id
        )
        kind = messages_of(plugin, path)[1]
        if not isinstance(response, kind):
            found = type(response).__name__
            error = TypeError(f"the handler answers {found}, not {kind.__name__}")
            raise failure_of(plugin.name, path, error)
        return response
