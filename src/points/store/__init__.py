"""Keeps the ledger in SQLite or PostgreSQL: one schema, part first in every key.

The writer reads and writes through `Batch`, a fixed number of statements
whatever its size; everyone else reads through `Reader`, from snapshots, and
never waits for the writer.

=================  ===========================================================
`schema`           the tables
`rows`             values to rows and back
`canonical`        the one way in which records are written down
`session`          a transaction of the writer, straight on the driver
`backend`          what SQLite and PostgreSQL do differently
`sqlite`           that, for SQLite
`postgresql`       that, for PostgreSQL
`batch`            one database transaction of the writer
`reader`           balances, lots, transactions, outcomes, sums
`feed`             the records behind a position
`audit`            recomputes everything from the records
`opening`          from a URL to a checked and migrated store
`migration`        Alembic, driven from code
=================  ===========================================================
"""
