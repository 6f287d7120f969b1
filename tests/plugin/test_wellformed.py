"""Requests of plugins' protos: what protobuf lets pass, and no plugin should see."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    text_format,
    timestamp_pb2,
)
from google.protobuf.message_factory import GetMessageClass

from points.domain.refusals import InvalidArgument
from points.engine.plugins.wellformed import PROBLEMS_MAX, check_wellformed


_ENTRY = """
    name: "{name}" options {{ map_entry: true }}
    field {{ name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }}
    field {{ name: "value" number: 2 label: LABEL_OPTIONAL {value} }}
"""
_COLOUR = 'type: TYPE_ENUM type_name: ".test.Colour"'
_TIME = 'type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp"'
_LENGTH = 'type: TYPE_MESSAGE type_name: ".google.protobuf.Duration"'
_ITSELF = 'type: TYPE_MESSAGE type_name: ".test.Request"'

_FILE = f"""
name: "wellformed.proto" package: "test" syntax: "proto3"
dependency: ["google/protobuf/timestamp.proto", "google/protobuf/duration.proto"]
enum_type {{
    name: "Colour" value {{ name: "NONE" number: 0 }} value {{ name: "RED" number: 1 }}
}}
message_type {{
    name: "Request"
    field {{ name: "colour" number: 1 label: LABEL_OPTIONAL {_COLOUR} }}
    field {{ name: "colours" number: 2 label: LABEL_REPEATED {_COLOUR} }}
    field {{ name: "time" number: 3 label: LABEL_OPTIONAL {_TIME} }}
    field {{ name: "length" number: 4 label: LABEL_OPTIONAL {_LENGTH} }}
    field {{ name: "inner" number: 5 label: LABEL_REPEATED {_ITSELF} }}
    field {{
        name: "by_name" number: 6 label: LABEL_REPEATED
        type: TYPE_MESSAGE type_name: ".test.Request.ByNameEntry"
    }}
    field {{
        name: "times" number: 7 label: LABEL_REPEATED
        type: TYPE_MESSAGE type_name: ".test.Request.TimesEntry"
    }}
    nested_type {{ {_ENTRY.format(name="ByNameEntry", value=_COLOUR)} }}
    nested_type {{ {_ENTRY.format(name="TimesEntry", value=_TIME)} }}
}}
message_type {{
    name: "Plain"
    field {{ name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }}
}}
"""


def _messages() -> tuple[Any, Any]:
    pool = descriptor_pool.DescriptorPool()
    for known in (timestamp_pb2, duration_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.Add(text_format.Parse(_FILE, descriptor_pb2.FileDescriptorProto()))
    names = ("test.Request", "test.Plain")
    request, plain = (GetMessageClass(pool.FindMessageTypeByName(n)) for n in names)
    return request, plain


REQUEST, PLAIN = _messages()
END_OF_TIME = {"seconds": 253_402_300_799, "nanos": 999_999_999}


def problems(request: Any) -> dict[str, str]:
    """Returns what is wrong with a request, by field."""
    with pytest.raises(InvalidArgument) as refused:
        check_wellformed(request)
    return refused.value.violations


@pytest.mark.parametrize(
    "request_",
    [
        PLAIN(text="whatever"),
        REQUEST(),
        REQUEST(colour=1, colours=[0, 1, 1], by_name={"a": 1}),
        REQUEST(time={}, times={"a": END_OF_TIME}),
        REQUEST(length={"seconds": -3, "nanos": -1}, inner=[REQUEST(time=END_OF_TIME)]),
    ],
)
def test_what_is_well_formed_passes(request_: Any) -> None:
    check_wellformed(request_)


@pytest.mark.parametrize("time", [{"seconds": -1}, {"seconds": 2**62}, {"nanos": -1}])
def test_an_instant_that_is_none_is_named_wherever_it_stands(
    time: dict[str, int],
) -> None:
    deep = REQUEST(time=time, inner=[REQUEST(), REQUEST(times={"a": time})])

    found = problems(deep)

    assert found.keys() == {"time", "inner[1].times['a']"}
    assert set(found.values()) == {"must lie in the years 1970 to 9999"}


@pytest.mark.parametrize(
    "length",
    [{"seconds": 2**62}, {"seconds": 1, "nanos": -1}, {"nanos": 10**9}],
)
def test_a_duration_that_is_none_is_named(length: dict[str, int]) -> None:
    assert problems(REQUEST(length=length)).keys() == {"length"}


def test_values_that_an_enum_does_not_have_are_named() -> None:
    found = problems(REQUEST(colour=-1, colours=[1, 7], by_name={"a": 9, "b": 0}))

    assert found == {
        "colour": "has no value -1",
        "colours[1]": "has no value 7",
        "by_name['a']": "has no value 9",
    }


def test_of_thousands_of_problems_the_first_are_told() -> None:
    assert len(problems(REQUEST(colours=[9] * 5_000))) == PROBLEMS_MAX
