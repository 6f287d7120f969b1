"""Adds who has earned what a pool got: nobody is known of lots of before.

Revision ID: 2026_11_22_lot_earner
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "2026_11_22_lot_earner"
down_revision = "2026_11_22_first_tables"
branch_labels = None
depends_on = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the column, empty for all lots that there are."""
    earner = sa.Column("earner", _NAME, nullable=False, server_default="")
    op.add_column("lot", earner)
