"""Builds the schema from its types."""

from functools import cache

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.schema.config import StrawberryConfig

from schema import enums as _enums  # noqa: F401  # gives the domain's enums their descriptions
from schema import filters as _filters  # noqa: F401  # makes the filters of lists input types
from schema.administration import AuditEntry
from schema.arguments import describe_arguments
from schema.cards import Card, Review
from schema.corrections import Correction
from schema.custom_vocabulary import CustomVocabulary
from schema.exercises import Exercise
from schema.imports import Import
from schema.jobs import Job
from schema.mutations import Mutation
from schema.query import Query
from schema.reports import Report
from schema.scalars import SCALARS
from schema.subscription import Subscription
from schema.sunsets import declare_sunsets
from schema.textbooks import Chapter, ChapterProgress, TextbookProgress
from schema.viewer import User

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    # Types that are reachable through `Node` alone, and lazily referenced types.
    types=[
        AuditEntry,
        Card,
        Chapter,
        ChapterProgress,
        Correction,
        CustomVocabulary,
        Exercise,
        Import,
        Job,
        Report,
        Review,
        TextbookProgress,
        User,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe_arguments(schema._schema)
declare_sunsets(schema._schema)
# Strawberry prints `@oneOf` and checks it by itself, so that graphql-core would neither validate nor introspect it.
for _type in schema._schema.type_map.values():
    if isinstance(_type, GraphQLInputObjectType) and _type.extensions["strawberry-definition"].is_one_of:
        _type.is_one_of = True


@cache
def sdl() -> str:
    """The schema in SDL, as in `schema.graphql`."""
    return schema.as_str() + "\n"
