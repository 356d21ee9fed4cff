"""The schema: types, descriptions, and one line a field. `schema.graphql` is its printed form."""

from schema.build import schema, sdl

__all__ = ["schema", "sdl"]
