"""Queries for editors."""

import strawberry

from resolvers import corrections as resolve_corrections
from resolvers import deleted_content as resolve_deleted
from resolvers import reports as resolve_reports
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.deleted_content import DeletedObject
from schema.directives import NULL_ON_ERROR


@strawberry.type(description="Data for editors.")
class Editorial:
    corrections = strawberry.field(
        resolver=resolve_corrections.corrections,
        graphql_type=Connection[ref.Correction] | None,
        description="All corrections of the dictionary, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    reports = strawberry.field(
        resolver=resolve_reports.reports,
        graphql_type=Connection[ref.Report] | None,
        description="All reports of learners, oldest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    deleted = strawberry.field(
        resolver=resolve_deleted.deleted,
        graphql_type=Connection[DeletedObject] | None,
        description="Deleted objects of a type that can be restored, last deleted first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
