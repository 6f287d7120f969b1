"""The errors of drivers in the words of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from points.store.databases.backend import Backend, driver_error_of
from points.store.errors import StoreLost, StoreRejected


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Turns the driver's errors into StoreLost and StoreRejected."""
    try:
        yield
    except (DBAPIError, backend.driver_error) as error:
        kind = StoreLost if backend.lost(error) else StoreRejected
        raise kind(str(driver_error_of(error))) from error
