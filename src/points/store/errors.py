"""What can go wrong below the engine.

StoreError
├── StoreRefused       the store cannot be opened; the message says what to do
├── ExportDamaged      the file to import is damaged or was cut off; says where
├── StoreLost          no connection, or a conflict: the same batch may succeed
├── CommitUnknown      the connection broke while committing
└── StoreRejected      a row breaks a constraint: some command is guilty
"""

from __future__ import annotations

from points.mendable import Mendable


class StoreError(Mendable):
    """Is anything that goes wrong with the database."""


class StoreRefused(StoreError):  # noqa: N818 - the tree above
    """The store cannot be opened as it is; the message says what to do next."""


class ExportDamaged(StoreError):  # noqa: N818 - the tree above
    """The file to import is no whole export; the message says where."""


class StoreLost(StoreError):  # noqa: N818 - the tree above
    """The database went away or asks to try again; nothing was committed."""


class CommitUnknown(StoreError):  # noqa: N818 - the tree above
    """The connection broke while committing: the keys tell whether it happened."""


class StoreRejected(StoreError):  # noqa: N818 - the tree above
    """The database refuses a row; nothing was committed."""
