"""Addresses as asyncpg and libpq take them, turned into SQLAlchemy's."""

from sqlalchemy import URL, make_url


def async_url(database_url: str) -> URL:
    """The same server through SQLAlchemy's asyncpg dialect. Accepts `postgres://` and `postgresql://`."""
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+asyncpg")
