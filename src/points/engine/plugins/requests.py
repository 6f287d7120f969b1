"""From a request of a plugin's own proto to the command that answers it."""

from __future__ import annotations

from typing import Any

from points.domain.commands import CallPlugin
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import InvalidArgument
from points.engine.jobs import Outcome
from points.engine.plugins.wellformed import check_wellformed
from points.plugin.methods import Method
from points.plugin.registry import Plugin


def call_of(plugin: Plugin, path: str, method: Method, request: Any) -> CallPlugin:
    """Returns the command of a request: of its member, or of the object it is about.

    `path` is the full name, such as `points.plugins.wheel.v1.WheelService/Spin`. The
    body is the deterministic one, so that the same content has the same fingerprint;
    whether it is only to be validated is no content. Raises InvalidArgument where the
    request is not well formed or names no home, and whatever the plugin's own function
    raises.
    """
    check_wellformed(request)
    if is_validating(request):
        request = _in_earnest(request)
    body = request.SerializeToString(deterministic=True)
    if method.home is None:
        return CallPlugin(
            member_id=request.member_id,
            request_id=request.request_id,
            plugin=plugin.name,
            method=path,
            body=body,
            request=request,
        )
    home = method.home(request)
    if not isinstance(home, str):
        raise TypeError(f"home of {path} answers {home!r:.64}, which is no text")
    if not home:
        raise InvalidArgument({"request": "names nothing that the call is about"})
    return CallPlugin.of_object(
        plugin=plugin.name,
        method=path,
        body=body,
        object_id=home,
        request_id=request.request_id,
    )


def is_validating(request: Any) -> bool:
    """Says whether a request asks for every check, and for nothing to change.

    Those do that have a bool `validate_only`, and it is set.
    """
    return getattr(request, "validate_only", False) is True


def response_of(method: Method, outcome: Outcome, *, is_validated: bool) -> bytes:
    """Returns what a call answers, as it is stored.

    That is nothing for one that was only validated and is not previewed: it would tell
    a draw that stays to be drawn.
    """
    call = outcome.record.result
    assert isinstance(call, PluginCall)
    is_told = method.is_previewed or outcome.replayed or not is_validated
    return call.response if is_told else b""


def _in_earnest(request: Any) -> Any:
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("validate_only")
    return copy
