"""TLS and tokens from the settings, through a server process and its callers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from points.cli.security import is_local, tokens_in, warn_if_open
from points.cli.serve import metrics_of
from points.settings import SettingsWrong, load_settings
from tests.cli.conftest import Points
from tests.server.keys import Authority, Issuer, write_keys
from tests.serving import ServerProcess


ISSUER = Issuer.make("one")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with everything that a safe server and its callers need."""
    folder = tmp_path_factory.mktemp("home")
    authority = Authority()
    write_keys(folder / "keys.json", ISSUER)
    (folder / "ca.pem").write_bytes(authority.certificate)
    for name in ("server", "shop"):
        made = authority.certify(name)
        (folder / f"{name}.key").write_bytes(made.key)
        (folder / f"{name}.pem").write_bytes(made.certificate)
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[ServerProcess]:
    """Yields a server that wants certificates and tokens."""
    flags = (
        "--tls-certificate=server.pem",
        "--tls-key=server.key",
        "--tls-client-ca=ca.pem",
        "--auth-keys=keys.json",
        "--plugins=",
    )
    started = ServerProcess.start("sqlite:///points.db", *flags, folder=home)
    yield started
    started.kill()


def test_commands_call_a_safe_server_as_the_environment_says(
    points: Points, server: ServerProcess, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed() -> tuple[int, str]:
        ended = points("plugins", "list", "--address", server.address)
        return ended.status, ended.err

    monkeypatch.setenv("POINTS_CLIENT_CA", str(home / "ca.pem"))
    monkeypatch.setenv("POINTS_CLIENT_CERTIFICATE", str(home / "shop.pem"))
    monkeypatch.setenv("POINTS_CLIENT_KEY", str(home / "shop.key"))
    without = listed()
    monkeypatch.setenv("POINTS_CLIENT_TOKEN", ISSUER.token("write"))
    with_another = listed()
    monkeypatch.setenv("POINTS_CLIENT_TOKEN", ISSUER.token("read"))
    with_one = listed()

    assert (without[0], with_another[0], with_one) == (1, 1, (0, ""))
    assert "a bearer token is required" in without[1]
    assert "lacks read" in with_another[1]


def test_a_client_does_not_start_with_half_of_its_security(
    points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POINTS_CLIENT_CERTIFICATE", "POINTS_CLIENT_KEY"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "client.pem")
            ended = points("plugins", "list", "--address=127.0.0.1:1")

        assert ended.status == 1
        assert "one is of no use without the other" in ended.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (("--tls-certificate=server.pem",), "one is of no use without the other"),
        (("--tls-client-ca=ca.pem",), "needs tls_certificate"),
        (("--tls-certificate=a.pem", "--tls-key=a.key"), "a.key: No such file"),
        (("--auth-keys=keys.json",), "keys.json: No such file"),
    ],
)
def test_a_server_does_not_start_with_half_of_its_security(
    points: Points, flags: tuple[str, ...], what: str
) -> None:
    ended = points("serve", "--address=127.0.0.1:0", "--plugins=", *flags)

    assert ended.status != 0
    assert what in ended.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("points.example:1", False),
    ],
)
def test_what_only_this_machine_reaches_is_local(address: str, *, found: bool) -> None:
    assert is_local(address) == found


@pytest.mark.parametrize(
    ("address", "more", "warning"),
    [
        ("0.0.0.0:1", {}, "open_to_all"),
        ("0.0.0.0:1", {"auth_keys": "keys.json"}, "not_encrypted"),
        ("127.0.0.1:1", {}, ""),
    ],
)
def test_an_open_door_is_told_in_the_log(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    address: str,
    more: dict[str, str],
    warning: str,
) -> None:
    assert folder

    warn_if_open(load_settings(address=address, **more))

    out = capsys.readouterr().out
    assert warning in out
    assert bool(out) == bool(warning)


def test_without_keys_nobody_needs_a_token(folder: Path) -> None:
    assert folder
    assert tokens_in(load_settings()) is None


@pytest.mark.parametrize(("port", "workers"), [(0, 1), (65_535, 2), (65_534, 3)])
def test_metrics_need_a_port_for_each_worker(port: int, workers: int) -> None:
    with pytest.raises(SettingsWrong, match="metrics: needs a port from 1 on"):
        load_settings(metrics=f"127.0.0.1:{port}", workers=workers)


def test_each_worker_shows_its_metrics_on_a_port_of_its_own(folder: Path) -> None:
    assert folder
    settings = load_settings(metrics="[::1]:9100", workers=3)

    assert [metrics_of(settings, number) for number in range(3)] == [
        "[::1]:9100",
        "[::1]:9101",
        "[::1]:9102",
    ]
    assert metrics_of(load_settings(), 1) == ""
