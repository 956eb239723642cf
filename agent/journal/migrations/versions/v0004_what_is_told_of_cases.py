"""What is to be told of cases by their routes, and what came of it? From now on it is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the table `notices`."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("case", "run", "what", "channel", "route", "rule", "at")
        ),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("notices_status", "notices", ["status", "due"])
