"""The services of our protos, for tests that ask something of all of them."""

from __future__ import annotations

from typing import Final

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from points.v1 import (
    activity_service_pb2,
    budget_service_pb2,
    ledger_service_pb2,
    member_service_pb2,
    plugin_service_pb2,
    program_service_pb2,
    segment_service_pb2,
    tier_service_pb2,
)


SERVICES: Final[list[ServiceDescriptor]] = [
    service
    for file in (
        activity_service_pb2,
        budget_service_pb2,
        ledger_service_pb2,
        member_service_pb2,
        plugin_service_pb2,
        program_service_pb2,
        segment_service_pb2,
        tier_service_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
]
METHODS: Final[list[MethodDescriptor]] = [
    method for service in SERVICES for method in service.methods
]
