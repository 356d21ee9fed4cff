"""Converts libpq URLs to SQLAlchemy's."""

from sqlalchemy import URL, make_url


def async_url(database_url: str) -> URL:
    """Return the URL for SQLAlchemy's asyncpg dialect. Accepts `postgres://` and `postgresql://`."""
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+asyncpg")
