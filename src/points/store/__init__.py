"""Keeps the ledger in SQLite or PostgreSQL: one schema, part first in every key.

The writer reads and writes through `Batch`, a fixed number of statements
whatever its size; everyone else reads through `Reader`, from snapshots, and
never waits for the writer.

==============  ==============================================================
`schema`        the tables
`texts`         values as rows and as records are written down, and back
`databases`     what SQLite and PostgreSQL do differently
`reads`         what is read beside the writer, from snapshots
`writing`       one database transaction of the writer
`proof`         recomputes everything from the records
`transport`     a whole ledger as lines of JSON, and back
`opening`       from a URL to a checked and migrated store
`migration`     Alembic, driven from code
`version`       which schema the database has, and which one this program
==============  ==============================================================
"""
