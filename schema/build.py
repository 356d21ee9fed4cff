"""Builds the schema from its types."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import enums as _enums  # noqa: F401  # gives the domain's enums their descriptions
from schema import filters as _filters  # noqa: F401  # makes the filters of lists input types
from schema.administration import AuditEntry
from schema.arguments import describe_arguments
from schema.cards import Card, Review
from schema.exercises import Exercise
from schema.jobs import Job
from schema.mutations import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription
from schema.textbooks import Chapter, ChapterProgress, TextbookProgress
from schema.viewer import User

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    # Types that are reachable through `Node` alone, and lazily referenced types.
    types=[AuditEntry, Card, Chapter, ChapterProgress, Exercise, Job, Review, TextbookProgress, User],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe_arguments(schema._schema)


@cache
def sdl() -> str:
    """The schema in SDL, as in `schema.graphql`."""
    return schema.as_str() + "\n"
