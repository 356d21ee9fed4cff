"""Where every mutation starts."""

import strawberry

from schema.mutations.reviews import ReviewMutations


@strawberry.type(description="Everything that can be changed.")
class Mutation(ReviewMutations):
    pass
