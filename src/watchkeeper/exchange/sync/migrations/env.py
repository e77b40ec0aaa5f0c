"""Runs the steps in the connection that is given (called by alembic)."""

from alembic import context

from watchkeeper.exchange.sync.tables import VERSIONS, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
