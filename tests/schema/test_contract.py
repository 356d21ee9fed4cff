"""The schema implements the contract, is fully described, and equals its printed form."""

from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)
from strawberry.schema.name_converter import NameConverter

from schema import arguments, directives, sdl
from schema import schema as strawberry_schema

FOLDER = Path(__file__).parents[2] / "schema"

# In the contract, and not implemented yet.
COMING: set[str] = set()


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return strawberry_schema._schema


def test_printed_schema_is_current() -> None:
    assert (FOLDER / "schema.graphql").read_text() == sdl(), "run `make schema`"


def test_schema_implements_the_contract(schema: GraphQLSchema) -> None:
    missing: list[str] = []
    for definition in parse((FOLDER / "contract.graphql").read_text()).definitions:
        if not isinstance(
            definition,
            ObjectTypeDefinitionNode
            | InterfaceTypeDefinitionNode
            | InputObjectTypeDefinitionNode
            | EnumTypeDefinitionNode,
        ):
            continue
        name = definition.name.value
        found = schema.get_type(name)
        if found is None:
            missing.append(name)
        elif isinstance(definition, EnumTypeDefinitionNode):
            values = getattr(found, "values", {})
            missing += [
                f"{name}.{value.name.value}" for value in definition.values or () if value.name.value not in values
            ]
        else:
            fields = getattr(found, "fields", {})
            for field in definition.fields or ():
                missing += _missing_of_field(f"{name}.{field.name.value}", field, fields.get(field.name.value))
    assert set(missing) == COMING


def test_contract_is_complete(schema: GraphQLSchema) -> None:
    """Everything that clients can use is promised. The four fields of a connection are promised once for all."""
    promised = _coordinates(parse((FOLDER / "contract.graphql").read_text()))
    found = _coordinates(parse(sdl()))
    plain = {name for name, type_ in schema.type_map.items() if _is_plain_connection(type_)}
    missing = {coordinate for coordinate in found - promised if coordinate.partition(".")[0] not in plain}
    assert missing == set()


def _coordinates(document: DocumentNode) -> set[str]:
    """The coordinates of types, fields, arguments and enum values."""
    found: set[str] = set()
    for definition in document.definitions:
        if isinstance(definition, TypeDefinitionNode):
            name = definition.name.value
            found.add(name)
            found |= {f"{name}.{value.name.value}" for value in getattr(definition, "values", ())}
            for field in getattr(definition, "fields", None) or ():
                coordinate = f"{name}.{field.name.value}"
                found.add(coordinate)
                arguments = getattr(field, "arguments", None) or ()
                found |= {f"{coordinate}({argument.name.value}:)" for argument in arguments}
    return found


def _is_plain_connection(type_: GraphQLNamedType) -> bool:
    fields = set(getattr(type_, "fields", ()))
    if type_.name.endswith("Connection"):
        return fields == {"edges", "nodes", "pageInfo", "totalCount"}
    return type_.name.endswith("Edge") and fields == {"cursor", "node"}


def _missing_of_field(
    coordinate: str,
    promised: FieldDefinitionNode | InputValueDefinitionNode,
    found: GraphQLField | GraphQLArgument | GraphQLInputField | None,
) -> list[str]:
    if found is None:
        return [coordinate]
    problems = []
    if str(found.type) != print_ast(promised.type):
        problems.append(f"{coordinate}: {found.type} is not {print_ast(promised.type)}")
    if isinstance(promised, FieldDefinitionNode) and isinstance(found, GraphQLField):
        for argument in promised.arguments or ():
            problems += _missing_of_field(
                f"{coordinate}({argument.name.value}:)", argument, found.args.get(argument.name.value)
            )
    return problems


def test_everything_is_described(schema: GraphQLSchema) -> None:
    undescribed: list[str] = []
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if not type_.description:
            undescribed.append(name)
        members = {**getattr(type_, "fields", {}), **getattr(type_, "values", {})}
        for member_name, member in members.items():
            if not member.description:
                undescribed.append(f"{name}.{member_name}")
            undescribed += [
                f"{name}.{member_name}({argument_name}:)"
                for argument_name, argument in getattr(member, "args", {}).items()
                if not argument.description
            ]
    for directive in schema.directives:
        if not directive.description:
            undescribed.append(f"@{directive.name}")
        undescribed += [f"@{directive.name}({name}:)" for name, arg in directive.args.items() if not arg.description]
    assert undescribed == []


def test_descriptions_of_directive_arguments_are_printed(schema: GraphQLSchema) -> None:
    printed = build_schema(sdl())
    for directive in schema.directives:
        argument_names = printed.get_directive(directive.name)
        if argument_names is not None:
            described = {name: argument.description for name, argument in argument_names.args.items()}
            assert described == {name: argument.description for name, argument in directive.args.items()}


def test_arguments_of_unused_directives_have_descriptions() -> None:
    """The server would not start with the first use of one."""
    names = NameConverter()
    for directive in vars(directives).values():
        definition = getattr(directive, "__strawberry_directive__", None)
        if definition is not None:
            name = names.from_directive(definition)
            for field in definition.fields:
                argument = names.get_graphql_name(field)
                assert f"@{name}({argument}:)" in arguments._BY_COORDINATE
