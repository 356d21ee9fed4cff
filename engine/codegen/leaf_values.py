"""Source that completes values: by class on the fast path, by `complete_value` otherwise."""

from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from engine.codegen import counting
from engine.codegen.code_writer import Writer, indented
from engine.nodes import ResponsePosition, TypeKind
from engine.plan.field_resolvers import AttributeResolver


def is_plain_list(position: ResponsePosition) -> bool:
    """Whether items need no coercion, only a check of their class."""
    return position.item is not None and position.item.type in (GraphQLString, GraphQLID, GraphQLBoolean)


def write_lists(writer: Writer, position: ResponsePosition) -> None:
    """Writes a function for a list, and for the lists in it."""
    if position.item is not None and not is_plain_list(position):
        write_lists(writer, position.item)
        item_position = writer.constant("position", position.item)
        path = "(path, len(found))"
        body = [
            "if found is None:",
            "    found = []",
            *indented(counting.values_lines("len(values)")),
            "append = found.append",
            "items = iter(values)",
            "try:",
            "    for item in items:",
            "        try:",
            *indented(completion_lines(writer, position.item, "item", path), 3),
            f"        except Exception as error: item = run.handle_field_error(error, {item_position}, {path})",
            "        append(item)",
            *indented(counting.interruption_lines(writer.constant("position", position)), 2),
            "except Exception:",
            "    discard_awaitables(remaining_awaitables(items))",
            "    raise",
            "return found",
        ]
        writer.function(writer.name_of("list", position), "values, run, path, found=None", body)
        writer.filled.append(position)


def completion_lines(writer: Writer, position: ResponsePosition, variable: str, path: str) -> list[str]:
    """Lines that complete the variable's value in place."""
    slow_path = f"{variable} = complete_value({writer.constant('position', position)}, {variable}, run, {path})"
    if position.kind is TypeKind.LEAF:
        return _leaf_lines(writer, position, variable, slow_path)
    if position.kind is TypeKind.OBJECT:
        known_types = writer.constant("known_types", position.known_types)
        select = writer.name_of("select", position.selections[position.type])
        test, fast_path = f"{variable}.__class__ in {known_types}", f"{variable} = {select}({variable}, run, {path})"
    elif is_plain_list(position):
        return _plain_list_lines(position, variable, slow_path)
    elif position.kind is TypeKind.LIST:
        test = f"{variable}.__class__ is list or {variable}.__class__ is tuple"
        fast_path = f"{variable} = {writer.name_of('list', position)}({variable}, run, {path})"
    else:
        return [slow_path]
    return [f"if {test}: {fast_path}", f"{_unless_null(position, variable)}: {slow_path}"]


def _plain_list_lines(position: ResponsePosition, variable: str, slow_path: str) -> list[str]:
    assert position.item is not None
    class_ = "bool" if position.item.type is GraphQLBoolean else "str"
    # A name of its own: the variable may be the item of an outer loop.
    item = f"{variable}_item"
    or_null = "" if position.item.non_null else f" and {item} is not None"
    return [
        f"if {variable}.__class__ is list:",
        f"    for {item} in {variable}:",
        f"        if {item}.__class__ is not {class_}{or_null}:",
        f"            {slow_path}",
        "            break",
        "    else:",
        *indented(counting.values_lines(f"len({variable})"), 2),
        f"        {variable} = {variable}.copy()",
        f"{_unless_null(position, variable)}: {slow_path}",
    ]


def _leaf_lines(writer: Writer, position: ResponsePosition, variable: str, slow_path: str) -> list[str]:
    type_ = position.type
    or_null = "" if position.non_null else f"{variable} is not None and "
    if type_ is GraphQLString or type_ is GraphQLID:
        checked = f"if {or_null}{variable}.__class__ is not str: {slow_path}"
        if type_ is GraphQLID or isinstance(position.field.resolver, AttributeResolver):
            # Attributes are short, and counted when the response is encoded.
            return [checked]
        return [checked, *counting.bytes_lines(_unless_null(position, variable), f"len({variable})")]
    if type_ is GraphQLInt:
        good = f"{variable}.__class__ is int and -2147483648 <= {variable} <= 2147483647"
        return [f"if {or_null}not ({good}): {slow_path}"]
    if type_ is GraphQLFloat:
        good = f"{variable}.__class__ is float and -infinity < {variable} < infinity"
        return [f"if {or_null}not ({good}): {slow_path}"]
    if type_ is GraphQLBoolean:
        return [f"if {or_null}{variable} is not True and {variable} is not False: {slow_path}"]
    if isinstance(type_, GraphQLEnumType):
        return _enum_lines(writer, type_, position, variable, slow_path)
    known_types = writer.constant("known_types", position.known_types)
    coerce = writer.constant("coerce", type_.coerce_output_value)
    return [
        f"if {variable}.__class__ in {known_types}:",
        f"    coerced = {coerce}({variable})",
        f"    if coerced is None or coerced is Undefined: {slow_path}",
        f"    else: {variable} = coerced",
        f"{_unless_null(position, variable)}: {slow_path}",
    ]


def _enum_lines(
    writer: Writer, type_: GraphQLEnumType, position: ResponsePosition, variable: str, slow_path: str
) -> list[str]:
    """Members by name, strings by value: coerced by the type itself when the plan is compiled."""
    if type(type_) is not CustomGraphQLEnumType:
        return [f"{_unless_null(position, variable, first=True)}: {slow_path}"]
    class_: Any = type_.wrapped_cls
    by_name = {member.name: type_.coerce_output_value(member) for member in class_}
    by_text = {value.value: name for name, value in type_.values.items() if type(value.value) is str}
    enum, names, texts = (
        writer.constant(prefix, thing) for prefix, thing in (("enum", class_), ("names", by_name), ("texts", by_text))
    )
    return [
        f"if {variable}.__class__ is {enum}: {variable} = {names}[{variable}._name_]",
        f"elif {variable}.__class__ is str and {variable} in {texts}: {variable} = {texts}[{variable}]",
        f"{_unless_null(position, variable)}: {slow_path}",
    ]


def _unless_null(position: ResponsePosition, variable: str, *, first: bool = False) -> str:
    if position.non_null:
        return "if True" if first else "else"
    return f"{'if' if first else 'elif'} {variable} is not None"
