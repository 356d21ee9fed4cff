"""The sources of the content."""

import strawberry

from schema.directives import Cost


@strawberry.type(description="A source of the content.")
class Attribution:
    name: str = strawberry.field(description="Name of the source.")
    licence: str = strawberry.field(description="Name of the licence.")
    url: str = strawberry.field(description="Address of the source.")
    text: str = strawberry.field(
        description="What the source is used for, and the credit that its licence requires.",
        directives=[Cost(weight="3")],
    )
