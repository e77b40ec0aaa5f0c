"""A real PostgreSQL server for tests: made in a temporary folder, on a loopback port, thrown away at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

MISSING = "There is no initdb: install PostgreSQL 15 or later (scripts/need_postgres.sh; apt-get install postgresql)."
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def programs() -> Path:
    """The folder of PostgreSQL's programs, of the newest version there is."""
    folders = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    if folders:
        return max(folders, key=lambda p: int(p.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise RuntimeError(MISSING)
    return Path(found).resolve().parent


class Server:
    """The server. Databases are made by :meth:`database`; it can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._programs = folder, programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data = folder / "data"
        self.port = _free_port()

    def _run(self, *command: str) -> None:
        # initdb and postgres refuse to be root.
        subprocess.run(
            [str(self._programs / command[0]), *command[1:]],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
        )

    def make(self) -> None:
        if self._user is not None:
            who = pwd.getpwnam(self._user)
            os.chown(self._folder, who.pw_uid, who.pw_gid)
        given = ("--auth=trust", "--username=watch", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "--pgdata", str(self._data), *given)

    def start(self) -> None:
        settings = " ".join(f"-c {each}" for each in QUICK)
        where = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", log, "-o", f"{where} {settings}")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "-w", "-D", str(self._data), "-m", mode)

    def url(self, database: str) -> str:
        return f"postgresql://watch@127.0.0.1:{self.port}/{database}"

    def database(self, *how: str) -> str:
        """The URL of a new, empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {' '.join(how)}".encode())
        return self.url(name)

    def cut_off(self, database_url: str) -> int:
        """End all sessions of a database, as an administrator or a broken network would; how many."""
        name = database_url.rsplit("/", 1)[1]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            asked = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            return len(connection.execute(asked, (name,)).fetchall())


@contextmanager
def running() -> Iterator[Server]:
    """A server, while inside."""
    # Not below pytest's own folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix="watchkeeper-postgres-"))
    server = Server(folder)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
