"""In which tables does the journal lie? The same in SQLite and in PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

_Counter: Final = BigInteger().with_variant(Integer, "sqlite")  # the only type that SQLite counts up by itself

metadata: Final = MetaData()

# The order of `position` is the order of appending; (run, number) is the fence: of two processes that drive one run,
# one comes too late with its next event.
events: Final = Table(
    "events",
    metadata,
    Column("position", _Counter, primary_key=True, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("salt", LargeBinary),
    Column("content", Text),
    UniqueConstraint("run", "number", name="events_run_number"),
    sqlite_autoincrement=True,
)

# What has become of each run: all of it can be made from its events again, and is written together with them.
# `ended` is the number of the event that ended it, `pending` the digest of the call that waits for a person.
runs: Final = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("started", Text, nullable=False),
    Column("ended", Integer),
    Column("principal", Text),
    Column("conversation", Text),
    Column("index_version", Text),
    Column("cost", Float),
    Column("pending", Text),
    Column("owner", Text),
    Column("lease", Float),
    Index("runs_first", "first"),
    Index("runs_status", "status", "first"),
    Index("runs_conversation", "conversation", "first"),
)

# What many events name by its digest, and is kept once: the tools that models were offered
texts: Final = Table("texts", metadata, Column("digest", Text, primary_key=True), Column("text", Text, nullable=False))

# What was had of what a charter bounds, in a run or on a day: all of it can be made from the events again
tallies: Final = Table(
    "tallies",
    metadata,
    Column("what", Text, primary_key=True),
    Column("span", Text, primary_key=True),
    Column("total", Float, nullable=False),
)

# The cases that people have in hand, one a run at most: all of it can be made from the events again. `key` is the same
# for the same question of the same principal.
cases: Final = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("rule", Text, nullable=False),
    Column("opened", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("route", Text),
    Column("due", Text),
    Column("claimed_by", Text),
    Column("same_as", Text),
    Index("cases_status", "status", "opened"),
    Index("cases_key", "key"),
)

# What is told of cases by their routes, each by one channel: written together with the event that it tells of. What
# came of it is no event, since it changes no state of a run.
notices: Final = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("case", "run", "what", "channel", "route", "rule", "at")),
    Column("status", String(20), nullable=False),
    Column("due", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Index("notices_status", "status", "due"),
)

# One row: the sum over the ends of all runs, how many events there are, and up to which position they are one chain,
# as an earlier Citewell wrote them.
head: Final = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("total", Text, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("one_chain", BigInteger, nullable=False),
)
