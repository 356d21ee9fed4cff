"""Erases deleted accounts in every table of the registry of personal data. Runs as the owner of the tables.

Each statement is a transaction of its own and touches a bounded number of rows, so that the history of any learner is
erased in constant memory. Statements find what is left: after an interruption the next run continues. The row of the
account is the last one.
"""

from datetime import timedelta
from uuid import UUID

import asyncpg

from db.tables import metadata
from domain.personal_data import PERSONAL_TABLES, Erasure, PersonalTable

# A row takes about 50 µs with its triggers and foreign keys.
BATCH_ROWS = 5_000
_TABLES = {table.name: table for table in PERSONAL_TABLES}

_DUE = """
    select id from users where deleted_at < now() - $1::interval and id > $2 order by id limit 1
"""
_FILES = "select id from jobs where user_id = $1 and kind = 'EXPORT'"
_UPLOADS = "select unnest(parts) from uploads where user_id = $1"
# Public textbooks stay for the others who read them.
_LEAVE_TEXTBOOKS = "update textbooks set owner_id = null where owner_id = $1 and is_public"
_SEND_CHANGES = "select send_changes('0')"
# One call sends a limited number.
_HAS_UNSENT_CHANGES = "select exists (select from change_outbox where $1 = any(user_ids))"
_REFRESH = "refresh materialized view concurrently private.learner_statistics"

_DELETE_QUEUE_ENTRIES = """
    delete from queue.entries where id in (
        select id from queue.entries where substr(payload, 33, 16) = uuid_send($1) limit $2
    )
"""
# What administrators looked for may be the name or the address of the learner.
_ANONYMIZE_SEARCHES = """
    update audit_log set changes = changes - 'search'
    from (select lower(email) as email, lower(display_name) as name from users where id = $1) as account
    where (audit_log.id, at) in (
        select audit_log.id, at from audit_log where action = 'viewList' and entity = 'User'
            and length(changes #>> '{search,after}') > 2 and (
                strpos(account.email, lower(changes #>> '{search,after}')) > 0
                or strpos(account.name, lower(changes #>> '{search,after}')) > 0
            ) limit $2
    )
"""
# Textbooks that are erased with the account, also by editors while these were public.
_ANONYMIZE_CONTENT = """
    update audit_log set changes = '{}'
    where (id, at) in (
        select id, at from audit_log where entity in ('Textbook', 'Chapter') and changes <> '{}'
            and entity_id = any(array(
                select id from textbooks where owner_id = $1
                union all
                select chapters.id from chapters join textbooks on textbooks.id = textbook_id where owner_id = $1
            )) limit $2
    )
"""
# By the learner. What they wrote stays in entries about the library, and not in those about textbooks that were purged.
# Entries about their account have no changes: these may have a name.
_ANONYMIZE_ACTIONS = """
    update audit_log set actor_id = null, request_id = null, changes = case
        when entity = 'Textbook' and not exists (select from textbooks where textbooks.id = entity_id) then '{}'
        when entity = 'Chapter' and not exists (select from chapters where chapters.id = entity_id) then '{}'
        else changes end
    where (id, at) in (select id, at from audit_log where actor_id = $1 limit $2)
"""
_ANONYMIZE_SUBJECT = """
    update audit_log set entity_id = '00000000-0000-0000-0000-000000000000', request_id = null, changes = '{}'
    where (id, at) in (select id, at from audit_log where entity_id = $1 limit $2)
"""
# Of tables whose rows need more than to be deleted, or to lose the learner.
_BATCHES = {
    "queue.entries": (_DELETE_QUEUE_ENTRIES,),
    "audit_log": (_ANONYMIZE_SEARCHES, _ANONYMIZE_SUBJECT, _ANONYMIZE_CONTENT, _ANONYMIZE_ACTIONS),
}


async def next_erasure(connection: asyncpg.Connection, grace: timedelta, after: UUID) -> UUID | None:
    """Return the next account, in the order of ids, that was deleted longer ago than `grace`."""
    id: UUID | None = await connection.fetchval(_DUE, grace, after)
    return id


async def exported_files(connection: asyncpg.Connection, user_id: UUID) -> list[UUID]:
    """Return the ids of jobs that may have written files."""
    return [row["id"] for row in await connection.fetch(_FILES, user_id)]


async def uploaded_files(connection: asyncpg.Connection, user_id: UUID) -> list[str]:
    """Return the keys of stored files that the learner uploaded."""
    return [row[0] for row in await connection.fetch(_UPLOADS, user_id)]


async def erase_rows(connection: asyncpg.Connection, user_id: UUID) -> None:
    """Erase everything but the row of the account. A batch of rows is a transaction."""
    await connection.execute(_LEAVE_TEXTBOOKS, user_id)
    for table in reversed(PERSONAL_TABLES):
        if table.name == "users" or table.erasure is Erasure.RECOMPUTED:
            continue
        for statement in _BATCHES.get(table.name) or (_erase_batch(table),):
            # Repeated until it changes fewer rows than a batch has.
            while await _count(connection, statement, user_id) >= BATCH_ROWS:
                pass
    # Processes invalidate keys of the account before these are removed, and the outbox does not name it any longer.
    await connection.execute(_SEND_CHANGES)
    while await connection.fetchval(_HAS_UNSENT_CHANGES, user_id):
        await connection.execute(_SEND_CHANGES)


async def erase_account(connection: asyncpg.Connection, user_id: UUID) -> None:
    """Delete the row of the account, from which on its subject is unknown."""
    await connection.execute("delete from users where id = $1", user_id)


async def recompute_totals(connection: asyncpg.Connection) -> None:
    """Recompute what has rows of erased accounts."""
    await connection.execute(_REFRESH)


async def _count(connection: asyncpg.Connection, statement: str, user_id: UUID) -> int:
    """Return the number of rows that the statement changed."""
    status: str = await connection.execute(statement, user_id, BATCH_ROWS)
    return int(status.rpartition(" ")[2])


def _erase_batch(table: PersonalTable) -> str:
    key = ", ".join(column.name for column in metadata.tables[table.name].primary_key)
    is_deleted = table.erasure is Erasure.DELETED
    change = f"delete from {table.name}" if is_deleted else f"update {table.name} set {table.owner} = null"  # noqa: S608
    # Twice, if the table has the learner: in a distributed deployment, it decides which server has the rows.
    is_own = f"{table.owner} = $1 and " if table.parent is None else ""
    return f"""
        {change} where {is_own}({key}) in (select {key} from {table.name} where {_is_of_learner(table)} limit $2)
    """  # noqa: S608  # names of the registry


def _is_of_learner(table: PersonalTable) -> str:
    if table.parent is None:
        return f"{table.owner} = $1"
    owners = f"select id from {table.parent} where {_is_of_learner(_TABLES[table.parent])}"  # noqa: S608  # as above
    return f"{table.owner} in ({owners})"
