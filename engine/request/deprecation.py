"""Deprecated parts of a schema, and their use in documents."""

from collections.abc import Sequence

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLArgument,
    GraphQLEnumValue,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    resolve_schema_coordinate,
    visit,
)

Deprecable = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue


def deprecated_coordinates(schema: GraphQLSchema, document: DocumentNode) -> tuple[str, ...]:
    """The coordinates of deprecated fields, arguments, input fields and enum values that a valid document uses.

    Each once, in document order. Values of variables are not inspected.
    """
    info = TypeInfo(schema)
    parts = _DeprecatedParts(info)
    visit(document, TypeInfoVisitor(info, parts))
    return tuple(parts.coordinates)


def deprecation_reason(schema: GraphQLSchema, coordinate: str) -> str | None:
    """The deprecation reason of a coordinate; None if it is not deprecated, or does not exist."""
    try:
        found = resolve_schema_coordinate(schema, coordinate)
    except (GraphQLError, TypeError):
        # The coordinate is malformed, or its type was removed.
        return None
    # Of an argument, its type and field come before it.
    parts = [part for part in found or () if isinstance(part, Deprecable)]
    return parts[-1].deprecation_reason if parts else None


class _DeprecatedParts(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.coordinates: dict[str, None] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._add(self._info.get_field_def(), f"{self._info.get_parent_type()}.{node.name.value}")

    def enter_argument(
        self, node: ArgumentNode, _key: object, _parent: object, _path: object, ancestors: Sequence[object]
    ) -> None:
        if self._info.get_directive() is None:
            field = next(ancestor for ancestor in reversed(ancestors) if isinstance(ancestor, FieldNode))
            coordinate = f"{self._info.get_parent_type()}.{field.name.value}({node.name.value}:)"
            self._add(self._info.get_argument(), coordinate)

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        type_ = get_named_type(self._info.get_parent_input_type())
        if isinstance(type_, GraphQLInputObjectType):
            self._add(type_.fields.get(node.name.value), f"{type_}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        self._add(self._info.get_enum_value(), f"{get_named_type(self._info.get_input_type())}.{node.value}")

    def _add(self, part: Deprecable | None, coordinate: str) -> None:
        if part is not None and part.deprecation_reason is not None:
            self.coordinates[coordinate] = None
