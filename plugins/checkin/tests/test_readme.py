"""What the README and the load profile say is so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from google.protobuf import json_format

from points_checkin.config import Config
from points_checkin.plugin import SERVICE
from points_checkin.reasons import ALL
from points_checkin.v1 import checkin_service_pb2 as pb


FOLDER: Final = Path(__file__).parent.parent
README: Final = (FOLDER / "README.md").read_text()


def test_the_configuration_of_the_readme_is_one() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

    assert Config.model_validate(yaml.safe_load(text))


def test_the_program_of_the_load_profile_is_one() -> None:
    program = yaml.safe_load((FOLDER / "load" / "program.yaml").read_text())

    assert Config.model_validate(program["plugins"]["checkin"])


@pytest.mark.parametrize("file", sorted((FOLDER / "load").glob("*.json")))
def test_a_load_profile_makes_requests_of_its_method(file: Path) -> None:
    profile: dict[str, Any] = json.loads(file.read_text())
    service, _, name = profile["call"].partition("/")
    method = SERVICE.descriptor.methods_by_name[name]
    request = getattr(pb, method.input_type.name)()

    assert service == SERVICE.descriptor.full_name
    assert json_format.ParseDict(profile["data"], request)


@pytest.mark.parametrize("method", [method.name for method in SERVICE.methods])
def test_every_method_stands_in_the_readme(method: str) -> None:
    assert f"`{method}`" in README


PASSED_BY: Final = frozenset({"COUNT_INVALID", "TEXT_INVALID"})
"""Reasons that the protos' bounds of a field explain."""


@pytest.mark.parametrize("reason", sorted({one.name for one in ALL} - PASSED_BY))
def test_every_reason_stands_in_the_readme(reason: str) -> None:
    assert reason in README
