"""Generates, updates, deletes and restores textbooks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from analysis.search_terms import textbook_search_terms
from db.commands import textbooks as commands
from db.commands.jobs import cancel_jobs_of_textbook, lock_job_events
from db.commands.textbooks import WRITTEN, LockedTextbookRow
from db.core.transaction import Transaction
from db.queries.jobs import JobRow, jobs_since
from db.queries.textbook_topics import topics_of_level
from db.queries.textbooks import TextbookRow, textbooks_by_id
from db.services.jobs import enqueue_job, repeated_job
from db.services.optimistic_lock import check_version
from db.services.textbook_audit import write_textbook_entry
from domain.enums import JlptLevel, JobKind, TextbookStatus
from domain.errors import Forbidden
from domain.ids import TextbookId, new_id
from domain.list_sizes import MAX_STORED_TEXTBOOKS
from domain.rate_limits import GENERATED_TEXTBOOKS, RateLimit
from domain.textbooks.topics import Topic, TopicIndex, describe_unknown_topic
from domain.user_errors import InvalidInput, UserError, UserErrorCode, invalid_input

_CREATED = ("title", "jlpt_level", "topics", "is_public")


async def generate_textbook(
    transaction: Transaction,
    title: str,
    level: JlptLevel,
    topics: Sequence[str],
    chapters: int,
    *,
    is_public: bool,
    idempotency_key: str | None,
    any_topic: bool = False,
    limit: RateLimit = GENERATED_TEXTBOOKS,
) -> tuple[TextbookRow, JobRow]:
    """Create a textbook without chapters and the job that generates them. Up to eleven statements.

    A reused idempotency key returns the earlier textbook and job. Raises RateLimited, and InvalidInput at the limit of
    textbooks and for topics without words, unless the generator writes about `any_topic`.
    """
    await transaction.rows(lock_job_events)
    repeated = await repeated_generation(transaction, idempotency_key)
    if repeated is not None:
        return repeated
    if not any_topic:
        await _check_topics(transaction, level, topics)
    since = transaction.now - limit.span
    made = await transaction.rows(jobs_since, kind=JobKind.GENERATE_TEXTBOOK.value, since=since)
    limit.check(len(made), made[-limit.times].created_at - since if len(made) >= limit.times else timedelta())
    await _check_number(transaction)
    [textbook] = await transaction.rows(
        commands.insert_textbook,
        id=new_id(),
        title=title,
        description=f"A textbook about {', '.join(topics)}.",
        jlpt_level=level.value,
        topics=topics,
        status=TextbookStatus.GENERATING.value,
        is_public=is_public,
        search_terms=textbook_search_terms(title, topics),
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    created = {name: textbook[name] for name in _CREATED}
    await write_textbook_entry(transaction, "create", "Textbook", textbook.id, {}, created, is_public=is_public)
    job = await enqueue_job(
        transaction,
        JobKind.GENERATE_TEXTBOOK,
        {"title": title, "level": level.value, "topics": topics, "chapters": chapters},
        steps=chapters,
        textbook_id=textbook.id,
        idempotency_key=idempotency_key,
    )
    return textbook, job


async def create_textbook(transaction: Transaction, values: Mapping[str, Any]) -> TextbookRow:
    """Create a textbook without chapters, which are written by hand. Four statements.

    Raises InvalidInput at the limit of textbooks.
    """
    # Of two concurrent ones, the second counts the first.
    await transaction.rows(lock_job_events)
    await _check_number(transaction)
    [textbook] = await transaction.rows(
        commands.insert_textbook,
        id=new_id(),
        status=TextbookStatus.READY.value,
        search_terms=textbook_search_terms(values["title"], values["topics"]),
        created_at=transaction.now,
        updated_at=transaction.now,
        **values,
    )
    is_public = textbook.is_public
    await write_textbook_entry(transaction, "create", "Textbook", textbook.id, {}, values, is_public=is_public)
    return textbook


async def _check_number(transaction: Transaction) -> None:
    """One statement. Raises InvalidInput at the limit of textbooks."""
    [own] = await transaction.rows(commands.count_own_textbooks)
    if own.number >= MAX_STORED_TEXTBOOKS:
        message = f"Limit of {MAX_STORED_TEXTBOOKS} textbooks reached. Deleted ones count until they are purged."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)


async def _check_topics(transaction: Transaction, level: JlptLevel, topics: Sequence[str]) -> None:
    """One statement. Raises InvalidInput with an error for each topic without words of the level."""
    rows = await transaction.rows(topics_of_level, level=level.value)
    index = TopicIndex(Topic(tuple(row.names), tuple(row.keywords)) for row in rows)
    errors = [
        UserError(
            UserErrorCode.NOT_FOUND,
            describe_unknown_topic(name, index.suggest(name), level.value),
            ("topics", str(position)),
        )
        for position, name in enumerate(topics)
        if index.find(name) is None
    ]
    if errors:
        raise InvalidInput(*errors)


async def repeated_generation(
    transaction: Transaction, idempotency_key: str | None
) -> tuple[TextbookRow, JobRow] | None:
    """Return the viewer's earlier textbook and job with the same idempotency key. Up to two statements."""
    job = await repeated_job(transaction, JobKind.GENERATE_TEXTBOOK, idempotency_key)
    if job is None:
        return None
    textbook = await transaction.row(textbooks_by_id, ids=[job.textbook_id])
    if textbook is None:
        message = "The textbook of this idempotency key was deleted; use a new key."
        raise invalid_input(UserErrorCode.ALREADY_EXISTS, message, "idempotencyKey")
    return textbook, job


async def update_textbook(
    transaction: Transaction, id: TextbookId, expected_version: int, changes: Mapping[str, Any]
) -> TextbookRow:
    """Update a textbook. Three statements, or one if no value differs.

    Raises InvalidInput for an unknown textbook, for a version conflict, and for an editor who would make another user's
    textbook private; Forbidden for a textbook that the viewer can see, but may not change.
    """
    before = await lock_textbook(transaction, id)
    check_version(before, expected_version)
    found: dict[str, Any] = {name: before[name] for name in WRITTEN}
    written = {**found, **changes}
    if written == found:
        return before
    if not written["is_public"] and before.owner_id != transaction.viewer.id:
        raise invalid_input(UserErrorCode.INVALID, "isPublic: only its owner can make it private.", "isPublic")
    [textbook] = await transaction.rows(
        commands.update_textbook,
        textbook_id=id,
        expected_version=expected_version,
        new_search_terms=textbook_search_terms(written["title"], before.topics),
        **{f"new_{name}": value for name, value in written.items()},
    )
    is_public = before.is_public and textbook.is_public
    await write_textbook_entry(transaction, "update", "Textbook", id, found, written, is_public=is_public)
    return textbook


async def delete_textbook(transaction: Transaction, id: TextbookId, expected_version: int | None) -> None:
    """Soft-delete a textbook with its chapters and cancel its jobs. Six statements.

    Raises like `update_textbook`.
    """
    await transaction.rows(lock_job_events)
    textbook = await lock_textbook(transaction, id)
    check_version(textbook, expected_version)
    await transaction.rows(cancel_jobs_of_textbook, textbook_id=id)
    # Chapters first, because their policies read the textbook.
    await transaction.rows(commands.delete_chapters, textbook_id=id)
    await transaction.rows(commands.delete_textbook, textbook_id=id)
    deleted = {"deleted_at": transaction.now}
    await write_textbook_entry(transaction, "delete", "Textbook", id, {}, deleted, is_public=textbook.is_public)


async def restore_textbook(transaction: Transaction, id: TextbookId, expected_version: int | None) -> TextbookRow:
    """Restore a textbook and the chapters that were deleted with it. Four statements.

    Raises InvalidInput for a textbook that was purged, or that the viewer may not change, and for a version conflict.
    """
    textbook = await transaction.row(commands.lock_textbook, textbook_id=id)
    if textbook is None:
        raise _not_found()
    check_version(textbook, expected_version)
    if textbook.deleted_at is None:
        return textbook
    await transaction.rows(commands.restore_chapters, textbook_id=id, deleted_at=textbook.deleted_at)
    [restored] = await transaction.rows(commands.restore_textbook, textbook_id=id)
    deleted = {"deleted_at": textbook.deleted_at}
    await write_textbook_entry(transaction, "restore", "Textbook", id, deleted, {}, is_public=textbook.is_public)
    return restored


async def lock_textbook(transaction: Transaction, id: TextbookId, path: str = "id") -> LockedTextbookRow:
    """Lock a textbook that the viewer may change. Up to two statements.

    Raises InvalidInput for an unknown textbook, Forbidden for one that the viewer can see, but may not change.
    """
    textbook = await transaction.row(commands.lock_textbook, textbook_id=id)
    if textbook is not None and textbook.deleted_at is None:
        return textbook
    if textbook is None and await transaction.row(textbooks_by_id, ids=[id]) is not None:
        raise Forbidden("Only its owner and editors may change this textbook.")
    raise _not_found(path)


def _not_found(path: str = "id") -> InvalidInput:
    return invalid_input(UserErrorCode.NOT_FOUND, "Textbook not found.", path)
