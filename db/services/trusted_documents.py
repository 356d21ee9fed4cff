"""Registers trusted documents, and changes the states of versions, as the owner of the tables."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import asyncpg

from db.services.owner import checked_owner_connection
from domain.errors import BadUserInput, Forbidden, NotFound
from domain.trusted_documents import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENTS,
    MAX_LIVE_VERSIONS,
    CheckedDocument,
    VersionState,
    VersionSummary,
)
from domain.usage import UsageKind

# Changes follow each other, because of the limits of all versions together.
_LOCK = "select pg_advisory_xact_lock(7465041)"
_DIFFERENT = """
    select id from trusted_documents join unnest($1::text[], $2::text[]) as pushed (id, text) using (id)
    where trusted_documents.text <> pushed.text order by id
"""
_ADD = """
    insert into trusted_documents (id, text, operation, kind, cost)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])
    on conflict do nothing
"""
_FIND_VERSION = "select state, has_tools from app_versions where app = $1 and version = $2"
_DOCUMENTS = "select document_id from app_version_documents where app = $1 and version = $2"
_ADD_VERSION = "insert into app_versions (app, version, has_tools) values ($1, $2, $3)"
_ADD_DOCUMENTS = """
    insert into app_version_documents (app, version, document_id) select $1, $2, id from unnest($3::text[]) as id
"""
_TOTALS = """
    with live as (
        select distinct document_id from app_version_documents join app_versions using (app, version)
        where state <> 'RETIRED'
    )
    select count(*) as documents, coalesce(sum(octet_length(text)), 0)::bigint as bytes,
        (select count(*) from app_versions where state <> 'RETIRED') as versions
    from live join trusted_documents on id = document_id
"""
_SET_STATE = "update app_versions set state = $3, state_since = now() where app = $1 and version = $2"
# Documents that only this version has, of those that are not retired.
_OWN = """
    select document_id from app_version_documents as own
    where own.app = version.app and own.version = version.version and not exists (
        select from app_version_documents as other join app_versions as others using (app, version)
        where other.document_id = own.document_id and others.state <> 'RETIRED'
            and (other.app, other.version) <> (own.app, own.version)
    )
"""
_LIST = f"""
    select app, version, state, pushed_at,
        (select count(*) from app_version_documents as part
            where part.app = version.app and part.version = version.version) as documents,
        (select count(*) from ({_OWN}) as own) as own_documents,
        usage.last_used_at, coalesce(usage.clients, '{{}}') as clients
    from app_versions as version, lateral (
        select max(last_used_at) as last_used_at, array_agg(distinct client order by client) as clients
        from usage_counts
        where last_used_at > now() - $1::interval and kind = '{UsageKind.DOCUMENT}' and name in ({_OWN})
    ) as usage
    where ($2::text is null or app = $2) and ($3::text is null or version.version = $3)
    order by app, pushed_at desc, version limit $4
"""  # noqa: S608  # a constant is put in, never a value


async def push_version(
    url: str, app: str, version: str, documents: Sequence[CheckedDocument], *, has_tools: bool = False
) -> int:
    """Register a version with its documents; return the number of new documents. `has_tools`: agents may call them.

    The same documents may be pushed again. Raises BadUserInput if the version has others, or an id another text, or if
    there are too many, and the errors of `checked_owner_connection`.
    """
    ids, texts = [document.id for document in documents], [document.text for document in documents]
    columns = [list(column) for column in zip(*documents, strict=True)]
    async with checked_owner_connection(url) as connection, connection.transaction():
        await connection.execute(_LOCK)
        different = [row["id"] for row in await connection.fetch(_DIFFERENT, ids, texts)]
        if different:
            raise BadUserInput(f"Another document has the id already: {', '.join(different)}.")
        registered = await connection.fetchrow(_FIND_VERSION, app, version)
        if registered is not None:
            await _check_same(connection, app, version, ids)
            if registered["has_tools"] != has_tools:
                given = "without" if has_tools else "with"
                raise BadUserInput(f"{app} {version} is registered {given} tools. Push another version.")
            if registered["state"] == VersionState.RETIRED:
                raise BadUserInput(
                    f"{app} {version} is retired. `shinjp documents state {app} {version} active` makes it active."
                )
            return 0
        added = int((await connection.execute(_ADD, *columns)).rpartition(" ")[2])
        await connection.execute(_ADD_VERSION, app, version, has_tools)
        await connection.execute(_ADD_DOCUMENTS, app, version, ids)
        await _check_totals(connection)
    return added


async def set_version_state(
    url: str, app: str, version: str, state: VersionState, unused_for: timedelta | None
) -> None:
    """Change the state of a version. `unused_for`: None retires it although it is in use.

    Raises NotFound, BadUserInput beyond the limits of live versions, and Forbidden for the retirement of a version
    whose own documents clients used within `unused_for`, with their names.
    """
    async with checked_owner_connection(url) as connection, connection.transaction():
        await connection.execute(_LOCK)
        found = await _list(connection, unused_for or timedelta(), app, version, 1)
        if not found:
            raise NotFound(f"{app} has no version {version}.")
        clients = found[0].clients
        if state is VersionState.RETIRED and clients and unused_for is not None:
            raise Forbidden(
                f"{app} {version} is in use: its documents were used in the last {unused_for.days} days by the clients "
                f"{', '.join(clients)}. Last use: {found[0].last_used_at:%Y-%m-%d %H:%M} UTC."
            )
        await connection.execute(_SET_STATE, app, version, state.value)
        await _check_totals(connection)


async def list_versions(url: str, app: str | None, used_within: timedelta, limit: int) -> list[VersionSummary]:
    """Return versions by app, newest first. Raises the errors of `checked_owner_connection`."""
    async with checked_owner_connection(url) as connection:
        return await _list(connection, used_within, app, None, limit)


async def _list(
    connection: asyncpg.Connection, used_within: timedelta, app: str | None, version: str | None, limit: int
) -> list[VersionSummary]:
    rows = await connection.fetch(_LIST, used_within, app, version, limit)
    return [VersionSummary(**{**row, "state": VersionState(row["state"])}) for row in rows]


async def _check_same(connection: asyncpg.Connection, app: str, version: str, ids: Collection[str]) -> None:
    known = {row["document_id"] for row in await connection.fetch(_DOCUMENTS, app, version)}
    if known != set(ids):
        raise BadUserInput(f"{app} {version} is registered with other documents. Push another version.")


async def _check_totals(connection: asyncpg.Connection) -> None:
    totals = await connection.fetchrow(_TOTALS)
    assert totals is not None
    for name, limit in (("documents", MAX_DOCUMENTS), ("bytes", MAX_DOCUMENT_BYTES), ("versions", MAX_LIVE_VERSIONS)):
        if totals[name] > limit:
            raise BadUserInput(
                f"All versions would have {totals[name]} {name}; the limit is {limit}. Retire unused versions."
            )
