"""A real PostgreSQL server for tests, and databases in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg

from tests.support.repository import program

_PLACES = [os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
_NAMES = count()

START_S = 60


class Server:
    """A server over the new ``folder``, which is reached by a socket in it alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = Path(program("initdb", ":".join(_PLACES))).resolve().parent
        # It refuses to run for root.
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-A", "trust", "-U", "tests", "-E", "UTF8", "--no-sync", "--no-locale",
                  "-D", str(folder / "data"))  # fmt: skip
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"unix_socket_directories = '{folder}'\nlisten_addresses = ''\nfsync = off\n"
                "shared_buffers = 32MB\nmax_connections = 60\nautovacuum_naptime = 5s\n"
            )
        self.start()

    def start(self) -> None:
        self._ctl("start", "-l", str(self.folder / "log"))

    def stop(self) -> None:
        self._ctl("stop", "-m", "fast")

    def url(self, database: str) -> str:
        return f"postgresql://tests@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"tests_{next(_NAMES)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, as who runs the tests."""
        done = subprocess.run([self._bin / name, *arguments], check=False, timeout=START_S)
        assert done.returncode == 0, (name, arguments)

    def _ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-t", str(START_S), "-D", str(self.folder / "data"), *arguments)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / name, *arguments], user=self._user, cwd=self.folder, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=2 * START_S,
        )  # fmt: skip
        assert done.returncode == 0, (name, arguments)


@contextmanager
def running() -> Iterator[Server]:
    # Short, as the path of a socket may have a hundred characters, and readable for the server.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    server = None
    try:
        server = Server(folder)
        yield server
    finally:
        if server is not None:
            with suppress(AssertionError):
                server.stop()
        shutil.rmtree(folder, ignore_errors=True)
