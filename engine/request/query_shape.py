"""Depth and number of aliases and fields of an operation."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode


@dataclass(frozen=True, slots=True)
class QueryShape:
    """`depth`: nested fields, the leaf included. `fields`: after expanding fragments, for whatever types they are."""

    depth: int
    aliases: int
    fields: int


def measure_shape(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, QueryShape]
) -> QueryShape:
    """Depth, aliases and fields, which depend neither on types nor on variables. `known`: the results of fragments."""
    depth = aliases = fields = 0
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            below = (
                measure_shape(selection.selection_set, fragments, known)
                if selection.selection_set
                else QueryShape(0, 0, 0)
            )
            depth = max(depth, 1 + below.depth)
            aliases += below.aliases + (selection.alias is not None)
            fields += below.fields + 1
            continue
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = measure_shape(fragments[name].selection_set, fragments, known)
            part = known[name]
        else:
            assert isinstance(selection, InlineFragmentNode)
            part = measure_shape(selection.selection_set, fragments, known)
        depth = max(depth, part.depth)
        aliases += part.aliases
        fields += part.fields
    return QueryShape(depth, aliases, fields)
