"""Where does alembic find the journal that it brings up to date? In the transaction that it is handed."""

from __future__ import annotations

from alembic import context

from agent.journal.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
