"""Alembic's environment: `storage.migrate` hands us the connection; there is no alembic.ini."""

from alembic import context
from sqlalchemy import Connection

from frontdesk.storage.tables import metadata

connection: Connection = context.config.attributes["connection"]
# The caller holds the transaction, so that several migrations are applied all or none.
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
