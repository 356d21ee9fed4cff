"""The sizes of introspection lists, which depend on the schema and not on arguments.

Below `__schema { types }` a list has its average size over all types: their sum is what is delivered. Elsewhere, as
below `__type` or a field's type, it has the size of the longest one.
"""

from fractions import Fraction

from graphql import GraphQLSchema, is_abstract_type

# Contexts: below all types, or below all members of them.
ALL_TYPES, ALL_MEMBERS = ("*types",), ("*members",)
_MEMBERS = ("fields", "inputFields")


class IntrospectionSizes:
    """The sizes for one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        types: list[object] = list(schema.type_map.values())
        members = [member for type_ in types for member in getattr(type_, "fields", {}).values()]
        lengths = {
            "fields": [len(getattr(type_, "fields", ())) for type_ in types],
            "inputFields": [len(getattr(type_, "fields", ())) for type_ in types],
            "enumValues": [len(getattr(type_, "values", ())) for type_ in types],
            "interfaces": [len(getattr(type_, "interfaces", ())) for type_ in types],
            "possibleTypes": [
                len(schema.get_possible_types(type_)) if is_abstract_type(type_) else 0 for type_ in types
            ],
        }
        arguments = [len(getattr(member, "args", ())) for member in members]
        in_directives = [len(directive.args) for directive in schema.directives]
        locations = [len(directive.locations) for directive in schema.directives]
        self._longest: dict[str, int | Fraction] = {name: max(found) for name, found in lengths.items()}
        self._longest |= {
            "types": len(types),
            "directives": len(schema.directives),
            "args": max([*arguments, *in_directives, 0]),
            "locations": max([*locations, 0]),
        }
        self._average = {name: Fraction(sum(found), len(types)) for name, found in lengths.items()}
        self._average_arguments = Fraction(sum(arguments), max(len(members), 1))

    def size(self, name: str, context: tuple[str, ...]) -> int | Fraction:
        """The size of the list of that name in a context that `below` returned."""
        if context == ALL_TYPES and name in self._average:
            return self._average[name]
        if context == ALL_MEMBERS and name == "args":
            return self._average_arguments
        return self._longest[name]

    def below(self, name: str, context: tuple[str, ...]) -> tuple[str, ...]:
        """The context below a field."""
        if name == "types":
            return ALL_TYPES
        return ALL_MEMBERS if context == ALL_TYPES and name in _MEMBERS else ()
