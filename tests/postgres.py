"""A PostgreSQL server of the tests' own, from the system's packages: on loopback, in a folder that goes with it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

import pytest


def programs():
    """The folder of initdb and pg_ctl, the newest; None where no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    path = found[-1] if found else shutil.which("initdb")
    return Path(path).parent if path else None


class Server:
    """One that runs; it can be stopped hard and started again."""

    def __init__(self, folder, port):
        self.port = port
        self._folder, self._data = folder, folder / "data"

    def begin(self):
        """Makes its files and starts it."""
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def start(self):
        """Waits until it answers."""
        options = f"-p {self.port} -k {self._data} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "30", "-l", self._data / "log", "-o", options, "start")

    def stop(self, how="immediate"):
        """As a crash, if nothing else is said."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def database(self):
        """The address of a new one, with nothing in it."""
        import psycopg

        name = f"t{token_hex(6)}"
        with closing(psycopg.connect(f"{self.address}/postgres", autocommit=True)) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"{self.address}/{name}"

    @property
    def address(self):
        """Of the server, without a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def _run(self, name, *arguments):
        as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_whom, str(programs() / name), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60)


@contextmanager
def running():
    """A server; skips the test where none is installed, or where root has no user to run it as."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="citewell-postgres-") as folder:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Server(Path(folder), port)
        server.begin()
        try:
            yield server
        finally:
            server.stop()
