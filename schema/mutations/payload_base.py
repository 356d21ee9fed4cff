"""The base of payloads."""

import strawberry

from resolvers.mutations import payload_base as resolve_payloads
from schema.viewer import Viewer


@strawberry.type
class ViewerPayload:
    viewer = strawberry.field(
        resolver=resolve_payloads.viewer,
        graphql_type=Viewer | None,
        description="The viewer after the change; null if nothing was changed.",
    )
