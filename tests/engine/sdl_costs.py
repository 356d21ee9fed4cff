"""Costs of schemas built from SDL with `@cost` and `@listSize`."""

from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLField,
    GraphQLSchema,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from engine.request.field_costs import FieldCosts, ListSize, Weighted

DIRECTIVES = """
    directive @cost(weight: String!)
        on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
    directive @listSize(
        assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
    ) on FIELD_DEFINITION
"""


class SdlDirectives:
    """`other_lists`: the size of lists without a declaration; None if there must not be any."""

    def __init__(self, other_lists: int | None = None) -> None:
        self._other_lists = other_lists

    def weight_of(self, element: Weighted) -> int | None:
        found = _arguments(element, "cost")
        return None if found is None else int(found["weight"])

    def list_size_of(self, field: GraphQLField) -> ListSize | None:
        found = _arguments(field, "listSize")
        if found is not None:
            return ListSize(
                found.get("assumedSize"),
                tuple(found.get("slicingArguments", ())),
                tuple(found.get("sizedFields", ())),
                found.get("requireOneSlicingArgument", True),
            )
        is_list = is_list_type(get_nullable_type(field.type))
        return ListSize(self._other_lists) if is_list and self._other_lists is not None else None


def costs_of(schema: GraphQLSchema, other_lists: int | None = None, max_size: int = 100) -> FieldCosts:
    return FieldCosts(schema, SdlDirectives(other_lists), max_size=max_size)


def _arguments(element: Any, name: str) -> dict[str, Any] | None:
    directives: tuple[DirectiveNode, ...] = element.ast_node.directives if element.ast_node else ()
    for directive in directives or ():
        if directive.name.value == name:
            return {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}
    return None
