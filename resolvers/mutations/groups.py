"""The mutations of groups."""

from dataclasses import dataclass
from functools import partial

import strawberry

from db.queries.groups import GroupRow
from db.services import groups as group_service
from domain.groups import MAX_DESCRIPTION, MAX_NAME
from domain.ids import GroupId
from domain.rate_limits import WRITES
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class CreateGroupInput:
    name: str
    description: str = ""


@dataclass(kw_only=True)
class UpdateGroupInput:
    id: strawberry.ID
    expected_version: int
    name: str | None = None
    description: str | None = None


@dataclass(kw_only=True)
class DeleteGroupInput:
    id: strawberry.ID
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPayload(Payload):
    """The group after the change."""

    group: GroupRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedGroupPayload(DeletedPayload):
    """`group`: the current one after a version conflict."""

    group: GroupRow | None = None


@returns_user_errors(GroupPayload)
@rate_limited(WRITES)
async def create_group(info: Info, input: CreateGroupInput) -> GroupPayload:
    validator = Validator()
    name = validator.line(input.name, MAX_NAME, "name")
    description = validator.text(input.description, MAX_DESCRIPTION, "description", empty=True)
    validator.raise_if_invalid()
    create = partial(group_service.create_group, name=name, description=description)
    return GroupPayload(group=await info.context.run_transaction(create))


@returns_user_errors(GroupPayload, current="group")
@rate_limited(WRITES)
async def update_group(info: Info, input: UpdateGroupInput) -> GroupPayload:
    validator = Validator()
    id = validator.parse_id(GroupId, input.id, "id")
    name = None if input.name is None else validator.line(input.name, MAX_NAME, "name")
    description = input.description
    if description is not None:
        description = validator.text(description, MAX_DESCRIPTION, "description", empty=True)
    validator.raise_if_invalid()
    expected = input.expected_version
    update = partial(group_service.update_group, id=id, expected_version=expected, name=name, description=description)
    return GroupPayload(group=await info.context.run_transaction(update))


@returns_user_errors(DeletedGroupPayload, current="group")
@rate_limited(WRITES)
async def delete_group(info: Info, input: DeleteGroupInput) -> DeletedGroupPayload:
    id = validated_id(GroupId, input.id, "id")
    delete = partial(group_service.delete_group, id=id, expected_version=input.expected_version)
    await info.context.run_transaction(delete)
    return DeletedGroupPayload(deleted_id=input.id)
