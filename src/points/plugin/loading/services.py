"""What a gRPC service of a plugin must be like, read from its descriptor.

Descriptors are looked at as they are: nothing here imports protobuf.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from points.plugin.loading.declared import check_handler
from points.plugin.methods import Method, Mode, Service
from points.plugin.statuses import Wrong


_PACKAGE: Final = re.compile(
    r"points\.plugins\.([a-z0-9_]+)\.v[0-9]+(?:(?:alpha|beta)[0-9]+)?"
)


def check_service(plugin: str, service: Any) -> None:
    """Raises Wrong unless every method of the descriptor can be answered."""
    if not isinstance(service, Service):
        raise Wrong(f"a Service is expected, not {repr(service)[:64]}")
    described = _described(service.descriptor)
    name = service.descriptor.full_name
    package = _PACKAGE.fullmatch(service.descriptor.file.package)
    if package is None or package[1] != plugin:
        raise Wrong(
            f"the service {name} must be in the package points.plugins.{plugin}.v1"
        )
    for method in service.methods:
        _check_method(name, method, described)
    given = [method.name for method in service.methods]
    for wanted in described:
        if given.count(wanted) != 1:
            how = "no function" if wanted not in given else "two functions"
            raise Wrong(f"the service {name} has {how} for {wanted}")


def _described(descriptor: Any) -> Mapping[str, Any]:
    try:
        descriptor.file.package, descriptor.full_name  # noqa: B018 - are they there?
        return {method.name: method for method in descriptor.methods}
    except AttributeError:
        raise Wrong(
            "a service's descriptor is DESCRIPTOR.services_by_name[...] of its module,"
            f" not {repr(descriptor)[:64]}"
        ) from None


def _check_method(service: str, method: Any, described: Mapping[str, Any]) -> None:
    if not isinstance(method, Method):
        raise Wrong(f"a Method is expected, not {repr(method)[:64]}")
    what = f"the method {service}/{method.name}"
    if method.name not in described:
        raise Wrong(f"{what} is not in the proto")
    if not isinstance(method.mode, Mode):
        raise Wrong(f"{what}: mode must be one of {', '.join(Mode)}")
    check_handler(what, method.handler, 2)
    for function in (method.reads, method.home):
        if function is not None:
            check_handler(what, function, 1)
    _check_streams(what, method, described[method.name])
    if method.mode is Mode.COMMAND:
        _check_command(what, method, described[method.name].input_type)


def _check_streams(what: str, method: Method, described: Any) -> None:
    if described.client_streaming:
        raise Wrong(f"{what}: requests in a stream are not offered to plugins")
    if described.server_streaming != (method.mode is Mode.WATCH):
        raise Wrong(f"{what}: a WATCH answers in a stream, and nothing else does")


def _check_command(what: str, method: Method, request: Any) -> None:
    _check_text(what, request, "request_id")
    if method.home is None:
        _check_text(what, request, "member_id")


def _check_text(what: str, request: Any, name: str) -> None:
    field = request.fields_by_name.get(name)
    if field is None or field.type != field.TYPE_STRING or field.is_repeated:
        more = ", or home" if name == "member_id" else ""
        raise Wrong(f"{what}: a command's request needs `string {name}`{more}")
