"""Sections of the program document become the models of plugins, secrets and all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from points.plugin import Channel, Flow, Manifest, NameOf
from points.plugin.configuration import ConfigWrong, config_of, section_problems
from points.plugin.naming import Names
from points.plugin.registry import Plugin


class Keys(BaseModel):
    """Is a list of keys."""

    names: tuple[str, ...] = ()


class Prize(BaseModel):
    """Is points of a unit of the program."""

    unit: Annotated[str, NameOf.UNIT] = "points"
    sink: Annotated[str, Field(max_length=9), NameOf.SINK] = ""


class Settings(BaseModel):
    """Is the settings of a plugin."""

    cost: int = 5
    spare: Annotated[str, NameOf.UNIT] = "points"
    prizes: tuple[Prize, ...] = ()
    sinks: dict[str, Prize] = {}
    key: SecretStr = SecretStr("")
    keys: Keys = Keys()


MANIFEST = Manifest(name="wheel", version="1", summary="")
WHEEL = Plugin(
    manifest=MANIFEST,
    distribution="",
    config_model=Settings,
    channels=(Channel(name="wheel", flows=frozenset({Flow.BURN})),),
)
NAMES = Names(frozenset({"points", "coins"}), frozenset({"shop"}))


def problems(**section: Any) -> Mapping[str, str]:
    """Returns what is wrong with a section, by the place."""
    found = section_problems({"wheel": WHEEL}, "wheel", section, NAMES)
    return {".".join(map(str, where)): reason for where, reason in found}


def test_a_section_is_made_into_the_model() -> None:
    assert config_of(WHEEL, {"cost": 7}) == Settings(cost=7)


def test_a_plugin_without_a_model_gets_the_section_as_it_is() -> None:
    assert config_of(replace(WHEEL, config_model=None), {"a": [1]}) == {"a": [1]}


def test_a_section_that_does_not_fit_is_told_by_its_place() -> None:
    found = problems(cost="much", keys={"names": [1]})

    assert list(found) == ["cost", "keys.names.0"]


def test_a_plugin_that_is_not_here_is_not_checked() -> None:
    section = {"cost": "much"}
    assert section_problems({"wheel": WHEEL}, "auction", section, NAMES) == ()


def test_a_name_that_the_program_does_not_have_is_told_by_its_place() -> None:
    prizes = [{"unit": "coins"}, {"unit": "gold"}]
    found = problems(prizes=prizes, sinks={"a": {"sink": "nowhere"}}, spare="")

    assert found == {
        "prizes.1.unit": "the program has no unit 'gold': it has coins, points",
        "sinks.a.sink": "the program has no sink 'nowhere': it has shop, wheel",
    }
    assert problems(sinks={"a": {"sink": "wheel"}}) == {}


def test_a_secret_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEEL_KEY", "abc")
    file = tmp_path / "secret"
    file.write_text("xyz\n")

    settings = config_of(
        WHEEL,
        {"key": {"$env": "WHEEL_KEY"}, "keys": {"names": [{"$file": str(file)}]}},
    )

    assert settings.key.get_secret_value() == "abc"
    assert settings.keys.names == ("xyz",)


def test_a_secret_that_cannot_be_read_is_named_and_not_shown(tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_text("x" * 70_000)

    found = problems(
        key={"$env": "NO_SUCH_KEY"},
        keys={"names": [{"$file": "/no/such/file"}, {"$file": str(long)}]},
    )

    assert found == {
        "key": "names $env NO_SUCH_KEY, which cannot be read here",
        "keys.names.0": "names $file /no/such/file, which cannot be read here",
        "keys.names.1": f"names $file {long}, which cannot be read here",
    }


def test_what_is_wrong_is_said_without_the_values() -> None:
    with pytest.raises(ConfigWrong) as wrong:
        config_of(WHEEL, {"cost": "my secret"})

    assert str(wrong.value).startswith("plugins.wheel: cost ")
    assert "my secret" not in str(wrong.value)


def test_an_earlier_version_is_read_without_the_secrets_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STILL_THERE", "abc")
    names = [{"$env": "NO_SUCH_KEY"}, {"$env": "STILL_THERE"}]
    section = {"cost": 7, "key": {"$env": "NO_SUCH_KEY"}, "keys": {"names": names}}

    settings = config_of(WHEEL, section, is_past=True)

    assert settings == Settings(cost=7, keys=Keys(names=("abc",)))
    with pytest.raises(ConfigWrong, match="NO_SUCH_KEY, which cannot be read"):
        config_of(WHEEL, section)


def test_a_secret_that_an_earlier_version_cannot_do_without_is_named() -> None:
    class Needy(BaseModel):
        key: SecretStr

    needy = replace(WHEEL, config_model=Needy)
    with pytest.raises(ConfigWrong) as wrong:
        config_of(needy, {"key": {"$env": "NO_SUCH_KEY"}}, is_past=True)

    assert "key names $env NO_SUCH_KEY, which cannot be read" in str(wrong.value)
