"""Source that completes values: by their class where that is one of the common, and by `completion` otherwise."""

from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from engine.codegen.code_writer import Writer, indented
from engine.plan.field_resolvers import Attribute
from engine.plan.nodes import Kind, Position


def _is_list_of_plain_values(position: Position) -> bool:
    """Whether a look at the class of each item says that it stands in the answer as it is."""
    return position.item is not None and position.item.type in (GraphQLString, GraphQLID, GraphQLBoolean)


def write_lists(writer: Writer, position: Position) -> None:
    """A function for a list, and for the lists in it."""
    if position.item is not None and not _is_list_of_plain_values(position):
        write_lists(writer, position.item)
        item_position = writer.constant("position", position.item)
        path = "(path, len(found))"
        body = [
            "if found is None:",
            "    found = []",
            "    run.left -= len(values)",
            "append = found.append",
            "items = iter(values)",
            "try:",
            "    for item in items:",
            "        try:",
            *indented(completing(writer, position.item, "item", path), 3),
            f"        except Exception as error: item = run.fail(error, {item_position}, {path})",
            "        append(item)",
            "        if run.left < 0 and run.is_interrupted():",
            f"            run.deferred.append((found, items, {writer.constant('position', position)}, path))",
            "            break",
            "except Exception:",
            "    abandon(rest_of(items))",
            "    raise",
            "return found",
        ]
        writer.function(writer.name_of("list", position), "values, run, path, found=None", body)
        writer.filled.append(position)


def completing(writer: Writer, position: Position, variable: str, path: str) -> list[str]:
    """Lines that complete the variable's value in place, by its class where that is one of the common."""
    slowly = f"{variable} = complete({writer.constant('position', position)}, {variable}, run, {path})"
    if position.kind is Kind.LEAF:
        return _completing_leaf(writer, position, variable, slowly)
    if position.kind is Kind.OBJECT:
        learned = writer.constant("learned", position.learned)
        select = writer.name_of("select", position.selections[position.type])
        test, quickly = f"{variable}.__class__ in {learned}", f"{variable} = {select}({variable}, run, {path})"
    elif _is_list_of_plain_values(position):
        return _completing_list_of_plain_values(position, variable, slowly)
    elif position.kind is Kind.LIST:
        test = f"{variable}.__class__ is list or {variable}.__class__ is tuple"
        quickly = f"{variable} = {writer.name_of('list', position)}({variable}, run, {path})"
    else:
        return [slowly]
    return [f"if {test}: {quickly}", f"{_unless_null(position, variable)}: {slowly}"]


def _completing_list_of_plain_values(position: Position, variable: str, slowly: str) -> list[str]:
    assert position.item is not None
    class_ = "bool" if position.item.type is GraphQLBoolean else "str"
    # The variable may itself be an item of a list, so the loop has a name that no variable has.
    item = f"{variable}_item"
    or_null = "" if position.item.non_null else f" and {item} is not None"
    return [
        f"if {variable}.__class__ is list:",
        f"    for {item} in {variable}:",
        f"        if {item}.__class__ is not {class_}{or_null}:",
        f"            {slowly}",
        "            break",
        "    else:",
        f"        run.left -= len({variable})",
        f"        {variable} = {variable}.copy()",
        f"{_unless_null(position, variable)}: {slowly}",
    ]


def _completing_leaf(writer: Writer, position: Position, variable: str, slowly: str) -> list[str]:
    type_ = position.type
    or_null = "" if position.non_null else f"{variable} is not None and "
    if type_ is GraphQLString or type_ is GraphQLID:
        checked = f"if {or_null}{variable}.__class__ is not str: {slowly}"
        if type_ is GraphQLID or isinstance(position.field.resolution, Attribute):
            # What is read with its row is short, and looked at when it is written.
            return [checked]
        return [checked, f"{_unless_null(position, variable)}: run.bytes += len({variable})"]
    if type_ is GraphQLInt:
        good = f"{variable}.__class__ is int and -2147483648 <= {variable} <= 2147483647"
        return [f"if {or_null}not ({good}): {slowly}"]
    if type_ is GraphQLFloat:
        good = f"{variable}.__class__ is float and -infinity < {variable} < infinity"
        return [f"if {or_null}not ({good}): {slowly}"]
    if type_ is GraphQLBoolean:
        return [f"if {or_null}{variable} is not True and {variable} is not False: {slowly}"]
    if isinstance(type_, GraphQLEnumType):
        return _completing_enum(writer, type_, position, variable, slowly)
    learned = writer.constant("learned", position.learned)
    coerce = writer.constant("coerce", type_.coerce_output_value)
    return [
        f"if {variable}.__class__ in {learned}:",
        f"    coerced = {coerce}({variable})",
        f"    if coerced is None or coerced is Undefined: {slowly}",
        f"    else: {variable} = coerced",
        f"{_unless_null(position, variable)}: {slowly}",
    ]


def _completing_enum(
    writer: Writer, type_: GraphQLEnumType, position: Position, variable: str, slowly: str
) -> list[str]:
    """Members by their name, raw texts by their value: what the type itself does is asked once for each."""
    if type(type_) is not CustomGraphQLEnumType:
        return [f"{_unless_null(position, variable, first=True)}: {slowly}"]
    class_: Any = type_.wrapped_cls
    by_name = {member.name: type_.coerce_output_value(member) for member in class_}
    by_text = {value.value: name for name, value in type_.values.items() if type(value.value) is str}
    enum, names, texts = (
        writer.constant(prefix, thing) for prefix, thing in (("enum", class_), ("names", by_name), ("texts", by_text))
    )
    return [
        f"if {variable}.__class__ is {enum}: {variable} = {names}[{variable}._name_]",
        f"elif {variable}.__class__ is str and {variable} in {texts}: {variable} = {texts}[{variable}]",
        f"{_unless_null(position, variable)}: {slowly}",
    ]


def _unless_null(position: Position, variable: str, *, first: bool = False) -> str:
    if position.non_null:
        return "if True" if first else "else"
    return f"{'if' if first else 'elif'} {variable} is not None"
