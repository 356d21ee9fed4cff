"""The arguments of a field: coerced when the operation is planned, where the document says all of them."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from graphql import ArgumentNode, FieldNode, GraphQLField, VariableNode, Visitor, is_non_null_type, visit
from graphql.execution.values import get_argument_values
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from engine.plan.nodes import PlanSource
from engine.plan.strawberry_input import Convert, converter
from engine.run.context import Run

# Values that no resolver can change, so that all its calls may share them.
_IMMUTABLE = (
    str, int, float, bool, type(None), type(UNSET), Enum, Decimal, UUID, datetime.date, datetime.time,
    datetime.timedelta,
)  # fmt: skip


# Of each argument the name in GraphQL, the name in Python, and how to convert it.
_Converters: TypeAlias = list[tuple[str, str, Convert | None]]


class Arguments:
    """Of a field in a plan. `strawberry_field`: whose resolver takes them as Strawberry converts them, if any."""

    def __init__(
        self,
        source: PlanSource,
        definition: GraphQLField,
        details: Sequence[Any],
        strawberry_field: StrawberryField | None,
    ) -> None:
        self._definition = definition
        self._detail = details[0]
        self._converters = _converters(source, strawberry_field) if strawberry_field is not None else None
        self._simple = _simple(definition, self._detail.node, self._converters)
        # The same for every run, where no argument is a variable.
        self.fixed = self._simple.constants if self._simple is not None and not self._simple.variables else None

    def values(self, run: Run, info: Any) -> dict[str, Any]:
        """By the names of the resolver's parameters. Raises GraphQLError for a value that does not suit."""
        if self.fixed is not None:
            return self.fixed
        shared = run.arguments.get(self)
        if shared is None:
            shared = self._coerced(run, info)
            if _is_immutable(shared):
                run.arguments[self] = shared
        return shared

    def _coerced(self, run: Run, info: Any) -> dict[str, Any]:
        if self._simple is not None:
            found = self._from_variables(run.variables.coerced, info)
            if found is not None:
                return found
        detail = self._detail
        values = get_argument_values(self._definition, detail.node, run.variables, detail.fragment_variable_values)
        return _converted(values, self._converters, info)

    def _from_variables(self, variables: dict[str, Any], info: Any) -> dict[str, Any] | None:
        """None where a variable has no value, or one that graphql-core has something to say about."""
        assert self._simple is not None
        found = dict(self._simple.constants)
        for name, variable, non_null, convert in self._simple.variables:
            value = variables.get(variable, UNSET)
            if value is UNSET or (value is None and non_null):
                return None
            found[name] = value if convert is None else convert(value, info)
        return found


def _converted(values: dict[str, Any], converters: _Converters | None, info: Any) -> dict[str, Any]:
    """By the names of the parameters; None: as graphql-core gives them."""
    if converters is None:
        return values
    return {
        name: values[key] if convert is None else convert(values[key], info)
        for key, name, convert in converters
        if key in values
    }


def _converters(source: PlanSource, field: StrawberryField) -> _Converters:
    schema = source.strawberry
    name_of = schema.config.name_converter.from_argument
    return [(name_of(argument), argument.python_name, converter(argument.type, schema)) for argument in field.arguments]


class _Simple:
    """`constants`: arguments that the document says or leaves out; `variables`: those that are a variable each."""

    def __init__(self, constants: dict[str, Any], variables: list[tuple[str, str, bool, Convert | None]]) -> None:
        self.constants = constants
        self.variables = variables


def _simple(definition: GraphQLField, node: FieldNode, converters: _Converters | None) -> _Simple | None:
    """What is left to do for each run, where no argument has a variable inside of its value."""
    given = {argument.name.value: argument for argument in node.arguments or ()}
    by_variable = {name: one.value for name, one in given.items() if isinstance(one.value, VariableNode)}
    others = tuple(one for name, one in given.items() if name not in by_variable)
    if any(_has_variables(one) for one in others) or (by_variable and converters is None):
        return None
    definitions = definition.args
    rest = GraphQLField(definition.type, {name: definitions[name] for name in definitions if name not in by_variable})
    try:
        values = get_argument_values(rest, FieldNode(name=node.name, arguments=others))
        constants = _converted(values, converters, None)
    except Exception:
        # The error belongs to the field, where it runs.
        return None
    if not _is_immutable(constants):
        return None
    return _Simple(
        constants,
        [
            (name, by_variable[key].name.value, is_non_null_type(definitions[key].type), convert)
            for key, name, convert in converters or ()
            if key in by_variable
        ],
    )


def _is_immutable(values: dict[str, Any]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())


def _has_variables(node: ArgumentNode) -> bool:
    finder = _Variables()
    visit(node, finder)
    return finder.found


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, _node: VariableNode, *_: Any) -> None:
        self.found = True
