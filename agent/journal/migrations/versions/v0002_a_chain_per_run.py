"""What became of each run, and where do their chains end? Both are made from the events that are there.

The events stay as they are, one chain up to the last of them; what is appended from now on is a chain per run.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from agent.journal.chain import Link, moved
from agent.journal.projection import Row, projected

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the tables `runs`, `texts` and `head`, and fills the first and the last."""
    runs = op.create_table(
        "runs",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("ended", sa.Integer),
        *(sa.Column(name, sa.Text) for name in ("principal", "conversation", "index_version")),
        sa.Column("cost", sa.Float),
        sa.Column("pending", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("lease", sa.Float),
    )
    op.create_index("runs_first", "runs", ["first"])
    op.create_index("runs_status", "runs", ["status", "first"])
    op.create_index("runs_conversation", "runs", ["conversation", "first"])
    op.create_table("texts", sa.Column("digest", sa.Text, primary_key=True), sa.Column("text", sa.Text, nullable=False))
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("total", sa.Text, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("one_chain", sa.BigInteger, nullable=False),
    )
    connection = op.get_bind()
    rows, total, count, last = _folded(connection)
    fields = Row.__slots__
    for at in range(0, len(rows), 500):
        connection.execute(
            runs.insert(), [{name: getattr(row, name) for name in fields} for row in rows[at : at + 500]]
        )
    connection.execute(head.insert().values(id=1, total=f"{total:x}", events=count, one_chain=last))


def _folded(connection: sa.Connection) -> tuple[list[Row], int, int, int]:
    """A row for each run, the sum over their ends, the number of events and the position of the last one."""
    rows: dict[str, Row] = {}
    total, count, last = 0, 0, 0
    for position, *stored in connection.execute(sa.text("SELECT * FROM events ORDER BY position")):
        event = Link(*stored)
        before = rows.get(event.run)
        rows[event.run] = projected(before, event, _content(event), position)
        total = moved(total, event.run, before.hash if before else None, event.hash)
        count, last = count + 1, position
    written = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'events'")).scalar()
    return list(rows.values()), total, max(count, written or 0), last


def _content(event: Link) -> dict[str, Any]:
    try:
        content = json.loads(event.content or "{}")
    except ValueError:  # damage is for the check to name
        return {}
    return content if isinstance(content, dict) else {}
