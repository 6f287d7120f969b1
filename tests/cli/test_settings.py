"""Settings: flags before the environment before the file before defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from points.cli.main import COMMANDS
from points.settings import Settings, SettingsWrong, load_settings
from tests.cli.conftest import Points
from tests.store.processes import humble, open_folder


SOURCES = ["flag", "environment", "file", "default"]


def say(folder: Path, patch: pytest.MonkeyPatch, source: str) -> dict[str, str]:
    """Sets the address in a source; returns the flags."""
    if source == "flag":
        return {"address": "flag:1"}
    if source == "environment":
        patch.setenv("POINTS_ADDRESS", "environment:1")
    if source == "file":
        (folder / "points.toml").write_text('address = "file:1"')
    return {}


@pytest.mark.parametrize("strongest", range(3), ids=SOURCES[:3])
def test_the_stronger_source_wins(
    folder: Path, monkeypatch: pytest.MonkeyPatch, strongest: int
) -> None:
    flags = [say(folder, monkeypatch, source) for source in SOURCES[strongest:]]

    found = load_settings(**flags[0])

    assert found.address == f"{SOURCES[strongest]}:1"


def test_what_nobody_sets_has_its_default(folder: Path) -> None:
    assert folder
    assert load_settings() == Settings.model_construct()


def test_a_flag_that_is_not_given_hides_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder
    monkeypatch.setenv("POINTS_PARTS", "7")

    assert load_settings(parts=None).parts == 7


def test_the_environment_may_name_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.toml").write_text("parts = 9")
    monkeypatch.setenv("POINTS_CONFIG", "other.toml")

    assert load_settings().parts == 9


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("points,miles", ("points", "miles")),
        (" points , miles ,", ("points", "miles")),
        ("points", ("points",)),
    ],
)
def test_a_flag_or_variable_may_hold_several_names(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    names: tuple[str, ...],
) -> None:
    assert folder
    monkeypatch.setenv("POINTS_CURRENCY_UNITS", text)

    assert load_settings(sinks=text).sinks == names
    assert load_settings().currency_units == names


def test_a_list_of_the_file_holds_several_names(folder: Path) -> None:
    (folder / "points.toml").write_text('sinks = ["redemption", "gift"]')

    assert load_settings().sinks == ("redemption", "gift")


WRONG = [
    ("parts", "0", "Input should be greater than or equal to 1"),
    ("parts", "1025", "Input should be less than or equal to 1024"),
    ("parts", "many", "Input should be a valid integer"),
    ("queue_limit", "0", "Input should be greater than or equal to 1"),
    ("batch_limit", "10001", "Input should be less than or equal to 10000"),
    ("patience_seconds", "-1", "Input should be greater than or equal to 0"),
    ("watch_limit", "-1", "Input should be greater than or equal to 0"),
    ("watch_buffer", "999", "Input should be greater than or equal to 1000"),
    ("watch_checkpoint_seconds", "0", "Input should be greater than 0"),
    ("watch_poll_seconds", "0", "Input should be greater than 0"),
    ("drain_seconds", "nan", "Input should be less than or equal to 31622400"),
    ("grace_seconds", "soon", "Input should be a valid number"),
    ("drain_seconds", "inf", "Input should be less than or equal to 31622400"),
    ("sweep_interval_seconds", "1e12", "Input should be less than or equal to 316"),
    ("receive_bytes_max", "1", "Input should be greater than or equal to 1024"),
    ("receive_bytes_max", "99999999999", "Input should be less than or equal to 21"),
    ("log_format", "xml", "Input should be 'auto', 'json' or 'console'"),
    ("log_level", "loud", "Input should be 'debug', 'info', 'warning' or 'error'"),
    ("address", "127.0.0.1:99999", ""),
    ("metrics", "127.0.0.1:99999", ""),
]


# Of `points verify`, which reads all settings and starts nothing if they are good.
@pytest.mark.parametrize(("name", "value", "what"), WRONG)
def test_a_wrong_setting_is_named_in_one_line(
    points: Points,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    what: str,
) -> None:
    monkeypatch.setenv(f"POINTS_{name.upper()}", value)

    ended = points("verify")

    assert ended.status == 1
    assert ended.err.startswith(f"points: {name}: {what}")
    assert len(ended.err.splitlines()) == 1


def test_a_wrong_flag_is_named_in_one_line(points: Points) -> None:
    ended = points("migrate", "--parts=0")

    assert (ended.status, ended.err) == (
        1,
        "points: parts: Input should be greater than or equal to 1\n",
    )


def test_a_unit_is_not_both_burned_and_never_burned(folder: Path) -> None:
    assert folder

    with pytest.raises(SettingsWrong, match="stars"):
        load_settings(currency_units="points,stars", growth_units="stars")


def test_every_wrong_setting_is_named(folder: Path) -> None:
    assert folder

    with pytest.raises(SettingsWrong) as raised:
        load_settings(parts="0", queue_limit="0")

    names = [line.partition(":")[0] for line in str(raised.value).splitlines()]
    assert names == ["parts", "queue_limit"]


def test_an_unknown_setting_of_the_file_is_named(points: Points, folder: Path) -> None:
    (folder / "points.toml").write_text('adress = "127.0.0.1:1"')

    ended = points("verify")

    assert ended.status == 1
    assert ended.err == "points: adress: Extra inputs are not permitted\n"


def test_a_file_that_is_no_toml_is_named(points: Points, folder: Path) -> None:
    (folder / "points.toml").write_text("parts 9")

    ended = points("verify")

    assert ended.status == 1
    assert ended.err.startswith("points: points.toml: ")
    assert len(ended.err.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named(
    points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_folder() as common:
        (common / "points.toml").touch(0o000)
        monkeypatch.chdir(common)
        with humble():
            ended = points("verify")

    assert ended.status == 1
    assert ended.err.startswith("points: points.toml: ")
    assert len(ended.err.splitlines()) == 1


def test_a_file_that_is_not_there_is_named(
    points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTS_CONFIG", "gone.toml")

    ended = points("verify")

    assert (ended.status, ended.err) == (
        1,
        "points: POINTS_CONFIG names gone.toml, which does not exist\n",
    )


def test_an_unknown_flag_is_named(points: Points) -> None:
    ended = points("serve", "--adress=127.0.0.1:1")

    assert ended.status != 0
    assert "--adress" in ended.err


def settings_of(command: str) -> list[str]:
    """Returns the settings that a command takes."""
    options = COMMANDS[command].load().params
    return [
        str(option.name) for option in options if option.name in Settings.model_fields
    ]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("serve", list(Settings.model_fields)),
        ("migrate", ["database_url", "parts"]),
        ("verify", ["database_url"]),
    ],
)
def test_each_command_takes_its_settings(command: str, names: list[str]) -> None:
    assert settings_of(command) == names


@pytest.mark.parametrize("command", ["serve", "migrate", "verify"])
def test_help_tells_each_setting_with_its_default(points: Points, command: str) -> None:
    shown = " ".join(points(command, "--help").out.split())

    told = [
        f"--{name.replace('_', '-')}" in shown
        and str(Settings.model_fields[name].description) in shown
        for name in settings_of(command)
    ]
    assert told
    assert all(told)


@pytest.mark.parametrize("command", ["serve", "migrate", "verify", "demo", "watch"])
def test_the_help_of_all_names_each_command(points: Points, command: str) -> None:
    ended = points("--help")

    assert ended.status == 0
    assert f"  {command} " in ended.out


def test_the_version_is_told(points: Points) -> None:
    assert points("--version").out.startswith("points, version ")
