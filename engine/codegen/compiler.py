"""Python source for the hot parts of a plan: one function for each selection, one for each list, one for each value
that is waited for.

A function takes the common road: it reads attributes, checks leaf values by their exact class, and makes the answer's
dictionary at once. Whatever is not common (a null that may not be, another class, an exception, an awaitable) goes to
`completion`, for that value alone.

Names of response keys and attributes stand in the source; GraphQL and Python allow nothing in them but letters, digits
and underscores. Values never do: they are in the functions' namespace.
"""

from collections.abc import Iterable
from typing import Any

from engine.caching.policy import CachedField
from engine.codegen.code_writer import Writer, indented
from engine.codegen.leaf_values import completing, write_lists
from engine.plan.field_resolvers import Attribute, Constant, Function, Loaded
from engine.plan.nodes import Plan, PlannedField, Position, Resolution, Selection, with_all_below

# What generated functions take in memory: for each compilation, for each of its functions, and for each character of
# their source; measured by tests/engine/test_footprint.py.
NAMESPACE_BYTES = 1_000
FUNCTION_BYTES = 500
SOURCE_CHARACTER_BYTES = 2


def compile_plan(plan: Plan) -> None:
    """Puts generated functions into the plan; selections that grow later are compiled as they come."""
    _compile(plan, with_all_below(plan.root))
    grow = plan.grow

    def grow_compiled(position: Position, type_: Any) -> Selection:
        selection = grow(position, type_)
        _compile(plan, with_all_below(selection))
        return selection

    plan.grow = grow_compiled


def _compile(plan: Plan, selections: Iterable[Selection]) -> None:
    writer = Writer()
    # What is below comes first, so that functions can name the ones they call.
    ordered = list(selections)[::-1]
    for selection in ordered:
        _write_selection(writer, selection)
    namespace, source = writer.namespace, "\n".join(writer.lines)
    plan.footprint.add(NAMESPACE_BYTES + FUNCTION_BYTES * writer.functions + SOURCE_CHARACTER_BYTES * len(source))
    exec(compile(source, "<plan>", "exec"), namespace)  # noqa: S102  # no value of a client is in it
    for selection in ordered:
        selection.select = namespace[writer.name_of("select", selection)]
    for position in writer.filled:
        position.fill = namespace[writer.name_of("list", position)]
    for position in writer.completed:
        position.complete = namespace[writer.name_of("complete", position)]


def _write_selection(writer: Writer, selection: Selection) -> None:
    fields = [_FieldWriter(writer, field, index) for index, field in enumerate(selection.fields)]
    for field in fields:
        field.write_functions()
    body: list[str] = [f"run.left -= {len(fields)}"]
    for field in fields:
        body += field.lines()
    waits = [field.wait for field in fields if field.waits]
    coroutines = [field.wait for field in fields if field.awaits]
    if coroutines:
        body = [
            "try:",
            *indented(body),
            "except Exception:",
            f"    abandon(({', '.join(coroutines)},))",
            "    raise",
        ]
    if waits:
        body.insert(0, f"{' = '.join(waits)} = None")
    answers = ", ".join(f"{field.key!r}: {field.variable}" for field in fields)
    body.append(f"found = {{{answers}}}")
    for field in fields:
        body += field.lines_after()
    body.append("return found")
    writer.function(writer.name_of("select", selection), "source, run, path", body)


class _FieldWriter:
    """Writes what answers one field of a selection."""

    def __init__(self, writer: Writer, field: PlannedField, index: int) -> None:
        self._writer = writer
        self._field = field
        self._position = field.position
        self._resolution = field.resolution
        self.key = field.key
        self.variable = f"value_{index}"
        self.wait = f"wait_{index}"
        self._path = f"(path, {field.key!r})"

    @property
    def awaits(self) -> bool:
        """Whether there is a coroutine to wait for, as a rule."""
        return isinstance(self._resolution, Function) and self._resolution.is_async

    @property
    def waits(self) -> bool:
        """Whether the field is pending, as a rule."""
        return self.awaits or isinstance(self._resolution, Loaded)

    def write_functions(self) -> None:
        """Functions of its lists, and that which completes it when it was waited for."""
        writer, position = self._writer, self._position
        write_lists(writer, position)
        if not isinstance(self._resolution, Attribute | Constant):
            body = [*completing(writer, position, "value", "path"), "return value"]
            writer.function(writer.name_of("complete", position), "value, run, path", body)
            writer.completed.append(position)

    def lines(self) -> list[str]:
        resolution, variable = self._resolution, self.variable
        if isinstance(resolution, CachedField):
            field = self._writer.constant("field", self._field)
            return [f"{variable} = answer({field}, source, run, {self._path})"]
        if isinstance(resolution, Constant):
            return [f"{variable} = {self._writer.constant('constant', resolution.name)}"]
        if isinstance(resolution, Loaded):
            body = self._key_lines(resolution)
        elif self.awaits:
            body = [f"{self.wait} = {self._call(resolution)}", f"{variable} = None"]
        else:
            body = [
                f"{variable} = {self._call(resolution)}",
                *completing(self._writer, self._position, variable, self._path),
            ]
        position = self._writer.constant("position", self._position)
        return [
            "try:",
            *indented(body),
            f"except Exception as error: {variable} = run.fail(error, {position}, {self._path})",
        ]

    def lines_after(self) -> list[str]:
        """What is pending, once the place for it is there."""
        if not self.waits:
            return []
        queue = "keys" if isinstance(self._resolution, Loaded) else "pending"
        position = self._writer.constant("position", self._position)
        return [f"if {self.wait} is not None: run.{queue}.append((found, {self.wait}, {position}, {self._path}))"]

    def _key_lines(self, resolution: Loaded) -> list[str]:
        position = self._writer.constant("position", self._position)
        without = f"{self._writer.constant('resolution', resolution)}.value(None, None, None, None)"
        return [
            f"{self.wait} = {self._call(resolution.key)}",
            f"{self.variable} = None",
            f"if {self.wait} is None: {self.variable} = complete({position}, {without}, run, {self._path})",
        ]

    def _call(self, resolution: Resolution) -> str:
        writer = self._writer
        if isinstance(resolution, Attribute) and resolution.is_plain:
            return f"source.{resolution.name}"
        field = writer.constant("field", self._field)
        if isinstance(resolution, Function) and resolution.arguments.fixed is not None:
            parameters = ["source"] if resolution.takes_self else []
            parameters += [f"{name}=source" for name in resolution.parent_names]
            if resolution.info_name is not None:
                info = writer.constant("info_class", resolution.info_class)
                parameters.append(f"{resolution.info_name}={info}(run, {field}, {self._path})")
            for name, value in resolution.arguments.fixed.items():
                parameters.append(f"{name}={writer.constant('argument', value)}")
            return f"{writer.constant('function', resolution.function)}({', '.join(parameters)})"
        return f"{writer.constant('resolution', resolution)}.value(source, run, {field}, {self._path})"
