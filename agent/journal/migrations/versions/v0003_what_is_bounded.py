"""How much was had of what a charter bounds, and which cases wait for a person? From now on both are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the tables `tallies` and `cases`."""
    op.create_table(
        "tallies",
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("span", sa.Text, primary_key=True),
        sa.Column("total", sa.Float, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("rule", "opened", "key")),
        *(sa.Column(name, sa.Text) for name in ("route", "due", "claimed_by", "same_as")),
    )
    op.create_index("cases_status", "cases", ["status", "opened"])
    op.create_index("cases_key", "cases", ["key"])
