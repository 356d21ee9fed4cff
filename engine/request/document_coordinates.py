"""Finds the schema coordinates of a document's errors."""

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    visit,
)

from engine.coordinates import with_coordinate

_DEFINITIONS = OperationDefinitionNode | FragmentDefinitionNode | VariableDefinitionNode


def locate_in_document(schema: GraphQLSchema, tree: DocumentNode, errors: Sequence[GraphQLError]) -> None:
    """Give errors of a document the coordinates of the smallest parts of the schema around their nodes."""
    nodes = {id(node): error for error in errors if (node := _node_of(error)) is not None}
    if nodes:
        type_info = TypeInfo(schema)
        visitor = _CoordinateVisitor(schema, type_info, nodes)
        visit(tree, TypeInfoVisitor(type_info, visitor))
        for error in errors:
            with_coordinate(error, visitor.found.get(id(_node_of(error))))


def _node_of(error: GraphQLError) -> Node | None:
    """The node that says most: variables are reported with their definitions, for example."""
    nodes = error.nodes or ()
    return next((node for node in nodes if not isinstance(node, _DEFINITIONS)), nodes[0] if nodes else None)


class _CoordinateVisitor(Visitor):
    """`wanted`: by the ids of nodes. `found`: their coordinates."""

    def __init__(self, schema: GraphQLSchema, type_info: TypeInfo, wanted: Iterable[int]) -> None:
        super().__init__()
        self._schema = schema
        self._type_info = type_info
        self._wanted = set(wanted)
        # Of the nodes around the current one; None outside of the schema.
        self._around: list[str | None] = [None]
        self.found: dict[int, str | None] = {}

    def enter(self, node: Node, *_: object) -> None:
        self._around.append(self._coordinate(node) or self._around[-1])
        if id(node) in self._wanted:
            self.found[id(node)] = self._around[-1]

    def leave(self, *_: object) -> None:
        self._around.pop()

    def _coordinate(self, node: Node) -> str | None:
        """None if the node is no part of the schema, or not one that exists."""
        if isinstance(node, FieldNode):
            return self._field(node.name.value)
        if isinstance(node, ArgumentNode):
            return self._argument(node.name.value)
        if isinstance(node, ObjectFieldNode):
            return _member(self._type_info.get_parent_input_type(), "fields", node.name.value)
        if isinstance(node, EnumValueNode):
            return _member(self._type_info.get_input_type(), "values", node.value)
        if isinstance(node, DirectiveNode):
            return f"@{node.name.value}" if self._type_info.get_directive() else None
        if isinstance(node, NamedTypeNode):
            return _name(self._schema.get_type(node.name.value))
        if isinstance(node, OperationDefinitionNode | InlineFragmentNode | FragmentDefinitionNode):
            return _name(self._type_info.get_type())
        return _name(self._type_info.get_input_type()) if isinstance(node, VariableDefinitionNode) else None

    def _field(self, name: str) -> str | None:
        parent = self._type_info.get_parent_type()
        return _member(parent, "fields", name) or _name(parent)

    def _argument(self, name: str) -> str | None:
        """None for one that does not exist: the field or directive is around it."""
        directive = self._type_info.get_directive()
        definition = directive or self._type_info.get_field_def()
        return f"{self._around[-1]}({name}:)" if name in getattr(definition, "args", {}) else None


def _member(type_: Any, members: str, name: str) -> str | None:
    """The coordinate of a field or an enum value of the type; None if it does not exist."""
    if type_ is None:
        return None
    named = get_named_type(type_)
    return f"{named.name}.{name}" if name in getattr(named, members, {}) else None


def _name(type_: Any) -> str | None:
    named: GraphQLNamedType | None = None if type_ is None else get_named_type(type_)
    return None if named is None else named.name
