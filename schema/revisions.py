"""Revisions of shared content."""

from datetime import datetime

import strawberry

from db.queries.revisions import RevisionRow
from domain import field_changes as values
from domain.field_changes import MAX_VALUE_LENGTH
from domain.list_sizes import MAX_CHANGED_FIELDS
from resolvers import revisions as resolve_revisions
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import Cost
from schema.nodes import is_row

_VALUE = Cost(weight=f"{MAX_VALUE_LENGTH // 100}")


@strawberry.type(description="A field that a revision changed.")
class FieldChange:
    is_type_of = is_row(values.FieldChange)

    field: str = strawberry.field(description="Name of the field.")
    before: str = strawberry.field(
        description="The value before, as JSON; an excerpt if `isShortened`.", directives=[_VALUE]
    )
    after: str = strawberry.field(
        description="The value after, as JSON; an excerpt if `isShortened`.", directives=[_VALUE]
    )
    is_shortened: bool = strawberry.field(
        description=(
            f"Whether a value has more than {MAX_VALUE_LENGTH:,} characters. Then `before` and `after` are JSON "
            "strings with what follows the first difference: of the value if it is a string, or else of its JSON."
        )
    )


@strawberry.type(description="A change of an object, from the audit log. Only editors see revisions.")
class Revision:
    is_type_of = is_row(RevisionRow)

    revision_id = strawberry.field(
        resolver=resolve_revisions.revision_id,
        graphql_type=strawberry.ID,
        description="Global id of the entry of the audit log.",
    )
    at: datetime = strawberry.field(description="Time of the change.")
    author = strawberry.field(
        resolver=resolve_revisions.author,
        graphql_type=ref.User | None,
        description="Who changed it; null for the worker, purged accounts and learners without public textbooks.",
    )
    action: str = strawberry.field(description="What was done, such as update, publish or reorder.")
    changes = strawberry.field(
        resolver=resolve_revisions.changes,
        graphql_type=list[FieldChange],
        description="The changed fields, in alphabetical order.",
        directives=[list_sizes.at_most(MAX_CHANGED_FIELDS)],
    )
    is_revertible = strawberry.field(
        resolver=resolve_revisions.revertible,
        graphql_type=bool,
        description="Whether `revertBookRevision` or `revertTextbookRevision` can revert it.",
    )
