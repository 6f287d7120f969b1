"""The file with the server's keys, beside the ledger and no part of it."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import click
import structlog

from points.engine.plugins.keys import KEY_BYTES, NO_KEYS, Keyring, remember_keys
from points.settings import Settings
from points.store.databases.backend import Backend
from points.store.opening import parse_url


_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_SUFFIX: Final = ".keys"
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY
_MODE: Final = 0o600
_WAIT_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.01

_log = structlog.get_logger("points.server")


def keys_in(settings: Settings, backend: Backend) -> Keyring:
    """Returns the keys that secrets of plugins are sealed with.

    Their file is made if it is not there, unless the ledger was served with keys
    before. Raises click.ClickException for a file that is missing or no good.
    """
    path = _path(settings)
    if path is None:
        _log.warning("no_keys", because="secrets of plugins are stored as they are")
        _tell_missing(remember_keys(backend, NO_KEYS), "none")
        return NO_KEYS
    if not path.exists():
        _check_new(path, remember_keys(backend, NO_KEYS))
        _make(path)
    keyring = Keyring(read_keys(path))
    _tell_missing(remember_keys(backend, keyring), str(path))
    return keyring


def _tell_missing(others: Sequence[str], file: str) -> None:
    """Has the log name the keys of which something may stay closed."""
    if others:
        _log.warning("keys_missing", file=file, keys=list(others))


def read_keys(path: Path) -> Sequence[bytes]:
    """Returns the keys of a file, a line each, the newest first.

    Lines that begin with # are comments. Raises click.ClickException.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from None
    told = [line.strip() for line in lines]
    keys = [line for line in told if line and not line.startswith("#")]
    if not keys or not all(map(_KEY.fullmatch, keys)):
        message = f"{path}: needs keys of 64 hexadecimal digits, one in a line"
        raise click.ClickException(message)
    return [bytes.fromhex(key) for key in keys]


def _path(settings: Settings) -> Path | None:
    if settings.keys in ("", "none"):
        return None
    if settings.keys != "auto":
        return Path(settings.keys)
    url = parse_url(settings.database_url)
    return Path(f"{url.database}{_SUFFIX}") if url.drivername == "sqlite" else None


def _check_new(path: Path, known: Sequence[str]) -> None:
    """Raises click.ClickException if a new key would leave something closed."""
    # Another server may have made the file since, which comes before it is known.
    if known and not path.exists():
        message = (
            f"{path} is not there, but this ledger was served with the keys"
            f" {', '.join(known)}: bring the file back or name it with --keys"
            " (a new one of your own, 64 hexadecimal digits, leaves what they have"
            " sealed closed)"
        )
        raise click.ClickException(message)


def _make(path: Path) -> None:
    """Makes the file with one key, for its owner alone, whole or not at all.

    Of several servers that start at once one makes it, and all read it. It outlasts
    a loss of power before anything is sealed with it.
    """
    text = (
        "# Keys of a points server: keep a copy, apart from those of the ledger.\n"
        "# The first one seals, all of them open: put a new one in front.\n"
        f"{secrets.token_hex(KEY_BYTES)}\n"
    )
    try:
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            _publish(file.name, path, text)
        _keep_names(path.parent)
    except OSError as error:
        message = f"{path}: {error.strerror} (or run with --keys none)"
        raise click.ClickException(message) from None


def _publish(made: str, path: Path, text: str) -> None:
    """Gives the file that was made its name, unless another server has made one."""
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:
        _publish_without_links(path, text)


def _publish_without_links(path: Path, text: str) -> None:
    """Does so where a file cannot have two names: it gets its own once it is whole.

    Whose new file it is makes the keys, and all others wait for them.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        handle = os.open(new, _NEW, _MODE)
    except FileExistsError:
        _wait_for(path, new)
        return
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():  # It may be by now: then the new one's name was free.
            new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _wait_for(path: Path, new: Path) -> None:
    """Waits for what another server makes; raises click.ClickException."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            message = f"{new}: another server died while it made {path}: remove it"
            raise click.ClickException(message)
        time.sleep(_LOOK_SECONDS)


def _keep_names(folder: Path) -> None:
    """Has the names of a folder outlast a loss of power, where that takes asking."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # Some file systems cannot, and need not.
            os.fsync(handle)
    finally:
        os.close(handle)
