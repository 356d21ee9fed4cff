"""Reads the trusted documents of all versions that are not retired."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.core.database import Database
from domain.trusted_documents import MAX_DOCUMENTS, MAX_LIVE_VERSIONS
from domain.usage import ClientName

# Those of active and of newer versions first: a process compiles as many as it has memory for.
_LIVE = """
    select document_id as id, case when bool_and(state = 'DEPRECATED') then max(state_since) end as deprecated_since,
        bool_or(has_tools) as is_tool
    from app_version_documents join app_versions using (app, version)
    where state <> 'RETIRED' group by document_id
    order by bool_and(state = 'DEPRECATED'), max(pushed_at) desc, document_id limit $1
"""
_VERSIONS = "select app, version from app_versions where state <> 'RETIRED' order by pushed_at desc limit $1"
_TEXTS = "select id, text from trusted_documents where id = any($1::text[])"


class LiveDocument(NamedTuple):
    """`deprecated_since`: since when only deprecated versions have it; None if another one has it. `is_tool`: a version
    with tools has it.
    """

    id: str
    deprecated_since: datetime | None
    is_tool: bool


async def read_live_documents(database: Database) -> list[LiveDocument]:
    """Read the ids of all documents, the most important ones first."""
    async with database.connection() as connection:
        return [LiveDocument(*row) for row in await connection.fetch(_LIVE, MAX_DOCUMENTS)]


async def read_live_versions(database: Database) -> frozenset[ClientName]:
    """Read the versions of apps that are not retired, as their clients call themselves."""
    async with database.connection() as connection:
        return frozenset(ClientName(*row) for row in await connection.fetch(_VERSIONS, MAX_LIVE_VERSIONS))


async def read_document_texts(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Read documents by id."""
    async with database.connection() as connection:
        return {row["id"]: row["text"] for row in await connection.fetch(_TEXTS, ids)}
