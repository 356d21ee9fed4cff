"""The parts of a schema that a document uses, by their coordinates."""

from collections.abc import Sequence
from sys import intern

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    NamedTypeNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_specified_scalar_type,
    visit,
)

# Introspection is part of every schema.
_INTROSPECTION = "__"


class UsedParts:
    """The coordinates that a document uses, each once, in document order. Compared by identity.

    Those in values of variables are found by `engine.request.used_inputs`.
    """

    __slots__ = ("coordinates",)

    def __init__(self, coordinates: tuple[str, ...] = ()) -> None:
        self.coordinates = coordinates


def used_parts(schema: GraphQLSchema, document: DocumentNode) -> UsedParts:
    """The root types, fields, arguments, directives, input fields, enum values and named types in a valid document.

    Types are those that it names, of variables and type conditions.
    """
    info = TypeInfo(schema)
    parts = PartsVisitor(schema, info)
    visit(document, TypeInfoVisitor(info, parts))
    return UsedParts(tuple(parts.coordinates))


class PartsVisitor(Visitor):
    """Collects `coordinates`. Visit with a TypeInfoVisitor of the same `info`."""

    def __init__(self, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._schema = schema
        self._info = info
        self.coordinates: dict[str, None] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self._add(str(self._schema.get_root_type(node.operation)))

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        type_ = self._schema.get_type(node.name.value)
        if type_ is not None and not is_specified_scalar_type(type_):
            self._add(type_.name)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if not node.name.value.startswith(_INTROSPECTION):
            self._add(f"{self._info.get_parent_type()}.{node.name.value}")

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self._add(f"@{node.name.value}")

    def enter_argument(
        self, node: ArgumentNode, _key: object, _parent: object, _path: object, ancestors: Sequence[object]
    ) -> None:
        directive = self._info.get_directive()
        if directive is not None:
            self._add(f"@{directive.name}({node.name.value}:)")
        else:
            field = next(ancestor for ancestor in reversed(ancestors) if isinstance(ancestor, FieldNode))
            self._add(f"{self._info.get_parent_type()}.{field.name.value}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        type_ = get_named_type(self._info.get_parent_input_type())
        if isinstance(type_, GraphQLInputObjectType):
            self._add(f"{type_}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        self._add(f"{get_named_type(self._info.get_input_type())}.{node.value}")

    def _add(self, coordinate: str) -> None:
        if not coordinate.startswith(_INTROSPECTION):
            # Documents share the strings.
            self.coordinates[intern(coordinate)] = None
