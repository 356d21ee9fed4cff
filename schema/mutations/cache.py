"""Administrators empty the cache."""

import strawberry

from domain.enums import Role
from domain.list_sizes import MAX_PURGED_TAGS
from resolvers.mutations import cache as resolve_cache
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.permissions import requires


@strawberry.type(description="What was forgotten.")
class PurgeCachePayload:
    purged_tags: list[str] = strawberry.field(
        description="The tags. Everything is `*`.", directives=[list_sizes.at_most(MAX_PURGED_TAGS)]
    )


@strawberry.type
class CacheMutations:
    purge_cache = strawberry.mutation(
        resolver=resolve_cache.purge_cache,
        graphql_type=PurgeCachePayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Forgets what the cache holds, in all processes. Whatever is asked for is made anew.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
