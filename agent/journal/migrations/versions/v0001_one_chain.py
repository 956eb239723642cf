"""What did the journal hold before each run was a chain of its own? One table, in SQLite alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The table as it was."""
    op.create_table(
        "events",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run",)),
        sa.Column("number", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "at", "actor", "previous", "sealed", "hash")),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("content", sa.Text),
        sa.UniqueConstraint("run", "number"),
        sqlite_autoincrement=True,
    )
