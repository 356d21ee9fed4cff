"""The mutation that purges the cache."""

import strawberry

from domain.enums import Role
from domain.list_sizes import MAX_PURGED_TAGS
from resolvers.mutations import cache as resolve_cache
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.permissions import requires

describe_input(
    resolve_cache.PurgeCacheInput,
    "Input of purgeCache: tags, or everything.",
    one_of=True,
    tags="1 to 100 tags, such as `Book:0190…`, `Book:*`, `books` or `books:level=N5`.",
    everything="True invalidates everything.",
)


@strawberry.type(description="The invalidated tags.")
class PurgeCachePayload:
    purged_tags: list[str] = strawberry.field(
        description="Invalidated tags; `*` stands for everything.", directives=[list_sizes.at_most(MAX_PURGED_TAGS)]
    )


@strawberry.type
class CacheMutations:
    purge_cache = strawberry.mutation(
        resolver=resolve_cache.purge_cache,
        graphql_type=PurgeCachePayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Purges the cache of all processes.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
