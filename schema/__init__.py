"""The GraphQL schema: types, inputs and their descriptions. `schema.graphql` is its SDL."""

from schema.build import schema, sdl

__all__ = ["schema", "sdl"]
