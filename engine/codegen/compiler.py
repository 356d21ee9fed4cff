"""Compiles a plan to Python: a function for each selection, each list and each deferred value.

Generated code is the fast path: it reads attributes, checks leaf values by their exact class, and builds the dictionary
of an object in one expression. Everything else (a null that is not allowed, another class, an exception, an awaitable)
goes to `complete_value`, for that value only.

The source contains the names of response keys and attributes, which GraphQL and Python restrict to letters, digits and
underscores. Values are constants in the functions' namespace.
"""

from collections.abc import Iterable
from typing import Any

from engine.caching.policy import CachedField
from engine.codegen import counting
from engine.codegen.code_writer import Writer, indented
from engine.codegen.leaf_values import completion_lines, write_lists
from engine.codegen.shared_positions import SharedPosition, is_shareable
from engine.loading.loader_field import LoaderField
from engine.nodes import FieldPlan, FieldResolver, Plan, SelectionPlan, iter_selections
from engine.plan.field_resolvers import AttributeResolver, FunctionResolver, TypenameResolver
from engine.run.loader_resolver import LoaderResolver

# Memory of generated code: for each compilation, each function and each character of source; measured by
# tests/engine/test_footprint.py.
NAMESPACE_BYTES = 1_000
FUNCTION_BYTES = 500
SOURCE_CHARACTER_BYTES = 2


def compile_plan(plan: Plan) -> None:
    """Replaces the functions of the plan's nodes; selections of concrete types are compiled as they are planned."""
    _compile(plan, iter_selections(plan.root))
    plan.compile = _compile


def _compile(plan: Plan, selections: Iterable[SelectionPlan]) -> None:
    writer = Writer()
    # Children first: a function refers to those that it calls.
    ordered = list(selections)[::-1]
    for selection in ordered:
        _write_selection(writer, selection)
    namespace, source = writer.namespace, "\n".join(writer.lines)
    plan.footprint.add(NAMESPACE_BYTES + FUNCTION_BYTES * writer.functions + SOURCE_CHARACTER_BYTES * len(source))
    plan.namespaces.append(namespace)
    exec(compile(source, "<plan>", "exec"), namespace)  # noqa: S102  # no value of a client is in it
    for selection in ordered:
        selection.select = namespace[writer.name_of("select", selection)]
    for position in writer.filled:
        position.fill = namespace[writer.name_of("list", position)]
    for position in writer.completed:
        position.complete = namespace[writer.name_of("complete", position)]


def _write_selection(writer: Writer, selection: SelectionPlan) -> None:
    fields = [_FieldWriter(writer, field, index) for index, field in enumerate(selection.fields)]
    for field in fields:
        field.write_functions()
    body = counting.values_lines(len(fields))
    for field in fields:
        body += field.lines()
    deferred = [field.pending for field in fields if field.is_deferred]
    coroutines = [field.pending for field in fields if field.is_coroutine]
    if coroutines:
        body = [
            "try:",
            *indented(body),
            "except Exception:",
            f"    discard_awaitables(({', '.join(coroutines)},))",
            "    raise",
        ]
    if deferred:
        body.insert(0, f"{' = '.join(deferred)} = None")
    answers = ", ".join(f"{field.key!r}: {field.variable}" for field in fields)
    body.append(f"found = {{{answers}}}")
    for field in fields:
        body += field.enqueue_lines()
    body.append("return found")
    writer.function(writer.name_of("select", selection), "source, run, path", body)


class _FieldWriter:
    """Writes the lines of one field in its selection's function."""

    def __init__(self, writer: Writer, field: FieldPlan, index: int) -> None:
        self._writer = writer
        self._field = field
        self._position = field.position
        self._resolver = field.resolver
        self.key = field.key
        self.variable = f"value_{index}"
        self.pending = f"pending_{index}"
        self._path = f"(path, {field.key!r})"

    @property
    def is_coroutine(self) -> bool:
        """Whether the resolver returns a coroutine."""
        return isinstance(self._resolver, FunctionResolver) and self._resolver.is_async

    @property
    def is_deferred(self) -> bool:
        """Whether the value is usually pending."""
        return self.is_coroutine or isinstance(self._resolver, LoaderResolver)

    def write_functions(self) -> None:
        """The functions of its lists, and one that completes it after it was awaited."""
        writer, position = self._writer, self._position
        write_lists(writer, position)
        if not isinstance(self._resolver, AttributeResolver | TypenameResolver):
            body = [*completion_lines(writer, position, "value", "path"), "return value"]
            writer.function(writer.name_of("complete", position), "value, run, path", body)
            writer.completed.append(position)

    def lines(self) -> list[str]:
        resolver, variable = self._resolver, self.variable
        if isinstance(resolver, CachedField):
            field = self._writer.constant("field", self._field)
            return [f"{variable} = execute_field({field}, source, run, {self._path})"]
        if isinstance(resolver, TypenameResolver):
            return [f"{variable} = {self._writer.constant('constant', resolver.name)}"]
        if isinstance(resolver, LoaderResolver):
            body = self._key_lines(resolver)
        elif self.is_coroutine:
            body = [f"{self.pending} = {self._call(resolver)}", f"{variable} = None"]
        else:
            body = [
                f"{variable} = {self._call(resolver)}",
                *completion_lines(self._writer, self._position, variable, self._path),
            ]
        position = self._writer.constant("position", self._position)
        return [
            "try:",
            *indented(body),
            f"except Exception as error: {variable} = run.handle_field_error(error, {position}, {self._path})",
        ]

    def enqueue_lines(self) -> list[str]:
        """Adds the pending value to its queue, after the dictionary is built."""
        if not self.is_deferred:
            return []
        queue = "pending_loads" if isinstance(self._resolver, LoaderResolver) else "pending"
        position = self._writer.constant("position", self._position)
        return [f"if {self.pending} is not None: run.{queue}.append((found, {self.pending}, {position}, {self._path}))"]

    def _key_lines(self, resolver: LoaderResolver) -> list[str]:
        position = self._writer.constant("position", self._position)
        without = f"{self._writer.constant('resolver', resolver)}.resolve(None, None, None, None)"
        lines = [
            f"{self.pending} = {self._call(resolver.key)}",
            f"{self.variable} = None",
            f"if {self.pending} is None: {self.variable} = complete_value({position}, {without}, run, {self._path})",
        ]
        declared = resolver.declared
        if declared.known is not None:
            loader_field = self._writer.constant("loader_field", declared)
            lines += [
                "else:",
                f"    known = run.known_values.get({loader_field}) or run.values_known_to({loader_field})",
                *indented(self._known_lines(declared)),
            ]
        return lines

    def _known_lines(self, declared: LoaderField[Any]) -> list[str]:
        """Completes a value that is known, with its object, or takes a completed one of another run."""
        key, variable = self.pending, self.variable
        loaded = f"known[{key}]"
        if declared.transform is not None:
            loaded = f"{self._writer.constant('transform', declared.transform)}({loaded})"
        complete = self._writer.name_of("complete", self._position)
        if not declared.is_shared or declared.transform is not None or not is_shareable(self._position):
            return [
                f"if {key} in known:",
                f"    {variable}, {key} = {loaded}, None",
                f"    {variable} = {complete}({variable}, run, {self._path})",
            ]
        position = SharedPosition()
        shared = self._writer.constant("shared", position)
        return [
            f"shared = known.completed.get({position.number}) or known.completed_at({position.number})",
            f"if {key} in shared:",
            f"    {variable}, number = shared[{key}]",
            f"    {key} = None",
            *indented(counting.values_lines("number")),
            f"elif {key} in known:",
            f"    key, {key} = {key}, None",
            f"    {variable} = {shared}.complete(known, key, {complete}, known[key], run, {self._path})",
        ]

    def _call(self, resolver: FieldResolver) -> str:
        writer = self._writer
        if isinstance(resolver, AttributeResolver) and resolver.is_plain:
            return f"source.{resolver.name}"
        field = writer.constant("field", self._field)
        if isinstance(resolver, FunctionResolver) and resolver.arguments.constant_values is not None:
            parameters = ["source"] if resolver.takes_self else []
            parameters += [f"{name}=source" for name in resolver.parent_names]
            if resolver.info_name is not None:
                info = writer.constant("info_class", resolver.info_class)
                parameters.append(f"{resolver.info_name}={info}(run, {field}, {self._path})")
            for name, value in resolver.arguments.constant_values.items():
                parameters.append(f"{name}={writer.constant('argument', value)}")
            return f"{writer.constant('function', resolver.function)}({', '.join(parameters)})"
        return f"{writer.constant('resolver', resolver)}.resolve(source, run, {field}, {self._path})"
