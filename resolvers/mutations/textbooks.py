"""Mutations of textbooks."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import strawberry

from db.queries.jobs import JobRow
from db.queries.textbooks import TextbookRow
from db.services import textbooks as textbook_service
from domain.enums import JlptLevel
from domain.ids import TextbookId, global_id
from domain.jobs import MAX_IDEMPOTENCY_KEY
from domain.list_sizes import MAX_CHAPTERS, MAX_TOPICS
from domain.rate_limits import GENERATED_TEXTBOOKS, WRITES
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import declare_rate_limit, rate_limited, rate_limited_attempt

MAX_TITLE, MAX_DESCRIPTION = 500, 10_000
MAX_TOPIC = 100


@dataclass(kw_only=True)
class GenerateTextbookInput:
    title: str
    jlpt_level: JlptLevel
    topics: list[str]
    number_of_chapters: int
    is_public: bool | None = False
    idempotency_key: str | None = None


@dataclass(kw_only=True)
class UpdateTextbookInput:
    id: strawberry.ID
    expected_version: int
    title: str | None = None
    description: str | None = None
    is_public: bool | None = None


@dataclass(kw_only=True)
class DeleteTextbookInput:
    id: strawberry.ID
    expected_version: int | None = None


@dataclass(kw_only=True)
class RestoreTextbookInput:
    id: strawberry.ID
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookPayload(Payload):
    """The updated textbook."""

    textbook: TextbookRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedTextbookPayload(DeletedPayload):
    """`textbook`: the current one after a version conflict."""

    textbook: TextbookRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateTextbookPayload(TextbookPayload):
    """The textbook and its generation job."""

    job: JobRow | None = None


@returns_user_errors(GenerateTextbookPayload)
@declare_rate_limit(GENERATED_TEXTBOOKS)
async def generate_textbook(info: Info, input: GenerateTextbookInput) -> GenerateTextbookPayload:
    """Raises RateLimited."""
    validator = Validator()
    title = validator.line(input.title, MAX_TITLE, "title")
    validator.size(input.topics, MAX_TOPICS, "topics")
    topics = [validator.line(topic, MAX_TOPIC, "topics", str(index)) for index, topic in enumerate(input.topics)]
    validator.number(input.number_of_chapters, 1, MAX_CHAPTERS, "numberOfChapters")
    key = input.idempotency_key
    if key is not None:
        key = validator.line(key, MAX_IDEMPOTENCY_KEY, "idempotencyKey")
    validator.raise_if_invalid()
    if key is not None:
        found = await info.context.run_transaction(partial(textbook_service.repeated_generation, idempotency_key=key))
        if found is not None:
            return GenerateTextbookPayload(textbook=found[0], job=found[1])
    save = partial(
        textbook_service.generate_textbook,
        title=title,
        level=input.jlpt_level,
        topics=topics,
        chapters=input.number_of_chapters,
        is_public=bool(input.is_public),
        idempotency_key=key,
        any_topic=info.context.services.any_topic,
    )
    async with rate_limited_attempt(info.context, GENERATED_TEXTBOOKS, key) as limit:
        textbook, job = await info.context.run_transaction(partial(save, limit=limit))
    return GenerateTextbookPayload(textbook=textbook, job=job)


@returns_user_errors(TextbookPayload, current="textbook")
@rate_limited(WRITES)
async def update_textbook(info: Info, input: UpdateTextbookInput) -> TextbookPayload:
    validator = Validator()
    id = validator.parse_id(TextbookId, input.id, "id")
    changes: dict[str, Any] = {}
    if input.title is not None:
        changes["title"] = validator.line(input.title, MAX_TITLE, "title")
    if input.description is not None:
        changes["description"] = validator.text(input.description, MAX_DESCRIPTION, "description", empty=True)
    if input.is_public is not None:
        changes["is_public"] = input.is_public
    validator.raise_if_invalid()
    save = partial(textbook_service.update_textbook, id=id, expected_version=input.expected_version, changes=changes)
    return TextbookPayload(textbook=await info.context.run_transaction(save))


@returns_user_errors(DeletedTextbookPayload, current="textbook")
@rate_limited(WRITES)
async def delete_textbook(info: Info, input: DeleteTextbookInput) -> DeletedTextbookPayload:
    id = validated_id(TextbookId, input.id, "id")
    delete = partial(textbook_service.delete_textbook, id=id, expected_version=input.expected_version)
    await info.context.run_transaction(delete)
    return DeletedTextbookPayload(deleted_id=strawberry.ID(global_id("Textbook", id)))


@returns_user_errors(TextbookPayload, current="textbook")
@rate_limited(WRITES)
async def restore_textbook(info: Info, input: RestoreTextbookInput) -> TextbookPayload:
    id = validated_id(TextbookId, input.id, "id")
    restore = partial(textbook_service.restore_textbook, id=id, expected_version=input.expected_version)
    return TextbookPayload(textbook=await info.context.run_transaction(restore))
