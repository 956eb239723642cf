"""How is the journal's database opened, brought up to today's schema, and shared? What goes wrong with it is said."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, Pool, QueuePool, StaticPool

from agent.journal.entry import JournalUnusable
from agent.journal.tables import head, metadata
from ingest.access import explained as sentence
from ingest.access import unusable
from ingest.database import reading

SCHEMA: Final = "0003"  # the newest migration; as a number it is SQLite's `user_version`
PATIENCE: Final = 30.0  # seconds that a write waits for another process to finish its own, or for a server to come back
AGAIN: Final = 0.05  # seconds until a server that was away is tried again
_CONNECTING: Final = 5  # seconds until a server that does not answer counts as away
_migrating = threading.Lock()  # alembic keeps what it works on in a module


class Away(JournalUnusable):
    """The database's server cannot be reached now, and may come back."""

    http_status: ClassVar[int] = 503

    @property
    def outside(self) -> str:
        """Without its address."""
        return (
            "The database in which runs are recorded cannot be reached: ask again in a moment, and if it stays so, "
            "tell whoever runs the service."
        )


class Database:
    """Where the journal lies, opened: a file of SQLite, or an address such as `postgresql://user@host/name`.

    A file that is not there is empty, and made by the first write. With `read_only` nothing is made or written, and
    what an earlier Citewell wrote is read from a copy in memory. A server is waited for that was there when this was
    opened; one that was not may be another than was meant. Raises `JournalUnusable`.
    """

    def __init__(self, place: Path | str, *, read_only: bool = False) -> None:
        self.file = _file(place)
        self._making = threading.Lock()
        self._is_absent = self.file is not None and not read_only and not self.file.exists()
        with self.explained():
            if self.file is None:
                self._engine = _server(str(place))
                self.name = self._engine.url.render_as_string(hide_password=True)
                _prepare(self._engine, self.name)
                return
            self.name = str(self.file)
            if self._is_absent:
                self._engine = _empty(self.name)
            else:
                self._engine = _looking(self.file) if read_only else _sqlite(self.file)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file, and not a server."""
        return self.file is not None

    @contextmanager
    def writing(self, *, patient: bool = True) -> Iterator[Connection]:
        """A transaction in which nobody else writes: all of it or nothing. If `patient`, a server is waited for."""
        connected = self._connected(patient=patient, writes=True).execution_options(writes=True)
        with self.explained(), connected as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(select(head.c.id).with_for_update())
            yield connection

    @contextmanager
    def reading(self, *, lenient: bool = False, patient: bool = True) -> Iterator[Connection]:
        """One state of the journal, so that a long walk neither holds up an append nor sees half of one.

        If `lenient`, bytes that are no text are read as marks that stand for some, so that the rest can be read.
        """
        connected = self._connected(patient=patient)
        with self.explained(), connected as connection, _as_text(connection, lenient=lenient):
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What the disk or the database complains of comes out as `JournalUnusable`."""
        try:
            yield
        except OSError as error:
            raise JournalUnusable(sentence(error, of=self.file)) from error
        except PoolTimeout as error:
            raise JournalUnusable(
                f"The journal {self.name} is read and written by so many at once that no connection was free in time: "
                "try again, or let fewer runs go on at the same time."
            ) from error
        except DBAPIError as error:
            raise self._told(_original(error), is_away=error.connection_invalidated) from error
        except sqlite3.Error as error:
            raise self._told(error) from error

    def checkpoint(self, seconds: float) -> bool:
        """Brings all of SQLite's write-ahead log into the file; False where a reader's snapshot needs it.

        A server rewrites the table, so that no dead row keeps words.
        """
        if self.file is None:
            with self.explained(), self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM FULL events"))
            return True
        if self._is_absent:
            return True
        with self.explained(), closing(_connect(self.file)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Let go of the file; what was appended is already on disk."""
        self._engine.dispose()

    def _made(self, *, writes: bool) -> Engine:
        """What connects to it, which is made where it is written to, or where another process made it."""
        if self.file is not None and self._is_absent and (writes or self.file.exists()):
            with self._making:
                if self._is_absent:
                    self._engine = _sqlite(self.file)
                    self._is_absent = False
        return self._engine

    def _connected(self, *, patient: bool, writes: bool = False) -> Connection:
        """A connection that answers, once the server does. Raises `JournalUnusable`."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self.explained():
                    return self._made(writes=writes).connect()
            except Away:
                if not patient or time.monotonic() >= until:
                    raise
            time.sleep(AGAIN)

    def _told(self, error: Exception, *, is_away: bool = False) -> Exception:
        """The error as the user is told of it; what is ours to repair stays as it is."""
        kinds = {each.__name__ for each in type(error).__mro__}
        if kinds & {"IntegrityError", "ProgrammingError"}:
            return error
        if self.file is None:
            what = next(iter(str(error).strip().splitlines()), type(error).__name__)
            is_away = is_away or bool(kinds & {"OperationalError", "InterfaceError"})
            return (Away if is_away else JournalUnusable)(
                f"The journal's database {self.name} cannot be used ({what}): see that its server runs and lets you "
                "in, or unset CITEWELL_DATABASE_URL."
            )
        if "OperationalError" in kinds:
            return JournalUnusable(unusable(self.file, error))
        return JournalUnusable(
            f"The journal {self.file} is damaged ({error}): put back a copy, or move it away, and a new one is begun."
        )


@contextmanager
def _as_text(connection: Connection, *, lenient: bool) -> Iterator[None]:
    """A server stores nothing but text as text; a file holds whatever bytes somebody put there."""
    opened: Any = connection.connection.driver_connection
    if not lenient or connection.dialect.name != "sqlite":
        yield
        return
    opened.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        yield
    finally:
        opened.text_factory = str


def _original(error: DBAPIError) -> Exception:
    return error.orig if isinstance(error.orig, Exception) else error


def _file(place: Path | str) -> Path | None:
    if isinstance(place, Path):
        return place
    try:
        url = make_url(place)
    except ArgumentError:
        url = None
    if url is not None and url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database)
    if url is not None and url.get_backend_name() == "postgresql":
        return None
    raise JournalUnusable(
        "CITEWELL_DATABASE_URL is no address of a database: write it like postgresql://user@host:5432/name or "
        "sqlite:////path/to/journal.sqlite, or unset it."
    )


def _server(place: str) -> Engine:
    try:
        return create_engine(
            make_url(place).set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=20,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": _CONNECTING, "application_name": "citewell"},
        )
    except (ImportError, NoSuchModuleError) as error:
        raise JournalUnusable(
            "CITEWELL_DATABASE_URL names PostgreSQL, whose driver is not installed: pip install 'citewell[postgres]'."
        ) from error


def _sqlite(path: Path) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # questions and answers are private; SQLite's side files copy the mode
    with closing(_connect(path)) as connection:  # SQLite opens a file of any kind: whether it is one shows here
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    engine = _engine(lambda: _connect(path), poolclass=QueuePool)
    _prepare(engine, str(path))
    return engine


def _empty(name: str) -> Engine:
    """What is read of a journal that is not there yet: one of its own in memory for each who looks."""

    def made() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _prepare(_engine(lambda: connection, poolclass=StaticPool), name)
        return connection

    return _engine(made, poolclass=NullPool)


def _looking(path: Path) -> Engine:
    """Reads what is there and changes nothing; no file is an empty journal."""
    copied = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if path.is_file():
        with closing(reading(path)) as connection:
            (number,) = connection.execute("PRAGMA user_version").fetchone()
            if number == int(SCHEMA):
                return _engine(lambda: reading(path), poolclass=NullPool)
            connection.backup(copied)
    engine = _engine(lambda: copied, poolclass=StaticPool)
    _prepare(engine, str(path))
    return engine


def _engine(creator: Callable[[], sqlite3.Connection], *, poolclass: type[Pool]) -> Engine:
    """Connections that begin a transaction as we say: SQLite's own way takes the lock only at the first write."""
    engine = create_engine("sqlite://", creator=creator, poolclass=poolclass)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")

    return engine


def _connect(path: Path) -> sqlite3.Connection:
    """Autocommitting; a commit is on disk when it returns, and what is deleted leaves no trace in the file."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _prepare(engine: Engine, name: str) -> None:
    """Makes the tables, or brings those of an earlier Citewell up to today. Raises `JournalUnusable`."""
    with engine.connect() as connection:
        if _version(connection, name) == SCHEMA:
            return
    is_file = engine.dialect.name == "sqlite"
    if is_file:
        _use_wal(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if not is_file:  # no row is there yet to wait for
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('citewell_journal'))")
        version = _version(connection, name)  # another process may have come first
        if version is None:
            metadata.create_all(connection)
            connection.execute(head.insert().values(id=1, total="0", events=0, one_chain=0))
            _stamp(connection)
        elif version != SCHEMA:
            _migrate(connection, version)


def _version(connection: Connection, name: str) -> str | None:
    """The schema of a journal, None where nothing is yet. Raises `JournalUnusable`, also where it is no journal."""
    if connection.dialect.name == "sqlite":
        number, tables = connection.exec_driver_sql(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT COUNT(*) FROM sqlite_master)"
        ).one()
        version = f"{number:04}" if number else None
        is_other = version is None and tables > 0
    else:
        there = set(inspect(connection).get_table_names())
        stamped = "alembic_version" in there
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if stamped else None
        is_other = version is None and "events" in there
    if version is not None and version > SCHEMA:
        raise JournalUnusable(
            f"{name} was written by a newer Citewell (schema {int(version)}, this one knows {int(SCHEMA)}): "
            "upgrade Citewell, or name another home."
        )
    if is_other:
        raise JournalUnusable(f"{name} is not a journal: move it away, and a new one is begun.")
    return version


def _stamp(connection: Connection) -> None:
    """Notes the schema where alembic looks for it, and where an earlier Citewell does."""
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    connection.exec_driver_sql("DELETE FROM alembic_version")
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA})
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {int(SCHEMA)}")


def _migrate(connection: Connection, version: str) -> None:
    """Brings a journal of an earlier schema up to today, within the transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    steps = [*scripts.iterate_revisions(SCHEMA, version)]
    with _migrating, Operations.context(MigrationContext.configure(connection)):
        for step in reversed(steps):
            step.module.upgrade()
    _stamp(connection)


def _use_wal(engine: Engine) -> None:
    """Let readers work beside a writer.

    SQLite refuses this change at once, whatever its timeout, where two processes make it together. An ordinary
    transaction does wait its turn, so the next attempt comes after the other process's.
    """
    connection: Any = engine.raw_connection().driver_connection
    for attempt in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or attempt == 99:
                raise
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
