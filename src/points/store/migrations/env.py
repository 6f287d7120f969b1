"""Runs migrations on the connection that `points.store.migration` hands over."""

from __future__ import annotations

from alembic import context

from points.store.schema import metadata
from points.store.version import VERSION_TABLE


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # Outside checks of drift compare types too.
    compare_type=True,
)
context.run_migrations()
