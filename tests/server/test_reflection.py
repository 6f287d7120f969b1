"""Reflection, so that tools need no proto files: under v1 and under v1alpha."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)


SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "points.v1.ActivityService",
    "points.v1.BudgetService",
    "points.v1.LedgerService",
    "points.v1.MemberService",
    "points.v1.PluginService",
    "points.v1.ProgramService",
    "points.v1.SegmentService",
    "points.v1.TierService",
]


@pytest.fixture(params=["v1", "v1alpha"])
def version(request: pytest.FixtureRequest) -> str:
    """Returns each version of reflection."""
    return str(request.param)


def ask(channel: grpc.Channel, version: str, **question: Any) -> Any:
    """Returns the answer to one question."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=ServerReflectionRequest.SerializeToString,
        response_deserializer=ServerReflectionResponse.FromString,
    )
    (answer,) = method(iter([ServerReflectionRequest(**question)]), timeout=5)
    return answer


def files(answer: Any) -> list[FileDescriptorProto]:
    """Returns the files of an answer."""
    return [
        FileDescriptorProto.FromString(data)
        for data in answer.file_descriptor_response.file_descriptor_proto
    ]


def test_reflection_lists_every_service(channel: grpc.Channel, version: str) -> None:
    answer = ask(channel, version, list_services="")

    names = [service.name for service in answer.list_services_response.service]
    assert sorted(names) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_that_is_listed_can_be_described(
    channel: grpc.Channel, version: str, service: str
) -> None:
    answer = ask(channel, version, file_containing_symbol=service)

    described = {
        f"{file.package}.{found.name}"
        for file in files(answer)
        for found in file.service
    }
    assert service in described


def test_the_file_of_a_message_is_found(channel: grpc.Channel, version: str) -> None:
    answer = ask(channel, version, file_containing_symbol="points.v1.Lot")

    assert "points/v1/lot.proto" in {file.name for file in files(answer)}


def test_a_file_is_found_by_its_name(channel: grpc.Channel, version: str) -> None:
    answer = ask(channel, version, file_by_filename="points/v1/lot.proto")

    assert files(answer)[0].message_type[0].name == "Lot"


def test_a_symbol_that_does_not_exist_is_not_found(
    channel: grpc.Channel, version: str
) -> None:
    answer = ask(channel, version, file_containing_symbol="points.v1.MintService")

    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_reflection_finds_a_method_by_its_full_name(
    channel: grpc.Channel, version: str
) -> None:
    name = "points.v1.LedgerService.Earn"
    answer = ask(channel, version, file_containing_symbol=name)

    assert "points/v1/ledger_service.proto" in [file.name for file in files(answer)]


@pytest.mark.parametrize("name", ["points.v1.LedgerService.Mint", "", "Earn", "é.Earn"])
def test_reflection_finds_no_method_that_there_is_not(
    channel: grpc.Channel, version: str, name: str
) -> None:
    answer = ask(channel, version, file_containing_symbol=name)

    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
