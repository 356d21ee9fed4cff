"""All types put together."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import enums as _enums  # noqa: F401  # gives the domain's enums their descriptions
from schema import filters as _filters  # noqa: F401  # makes the filters of lists input types
from schema.administration import AuditEntry
from schema.cards import Card, Review
from schema.directive_arguments import describe_directive_arguments
from schema.jobs import Job
from schema.mutations import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription
from schema.textbooks import Chapter
from schema.viewer import User

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    # Types that only `node` can lead to, and those that other types name by reference.
    types=[AuditEntry, Card, Chapter, Job, Review, User],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe_directive_arguments(schema._schema)


@cache
def sdl() -> str:
    """The schema as text, as `schema.graphql` has it. Printed once."""
    return schema.as_str() + "\n"
