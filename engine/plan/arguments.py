"""Field arguments: coerced when the operation is planned if the document has all of their values."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TypeAlias
from uuid import UUID

from graphql import ArgumentNode, FieldNode, GraphQLField, VariableNode, Visitor, is_non_null_type, visit
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from engine.nodes import PlanSource
from engine.plan.strawberry_input import Convert, build_converter
from engine.run.context import ExecutionContext

# Immutable values, which all calls of a resolver may share.
_IMMUTABLE = (
    str, int, float, bool, type(None), type(UNSET), Enum, Decimal, UUID, datetime.date, datetime.time,
    datetime.timedelta,
)  # fmt: skip


# For each argument its GraphQL name, its Python name and its converter.
_Converters: TypeAlias = list[tuple[str, str, Convert | None]]


class Arguments:
    """The arguments of a planned field. `strawberry_field`: converts them as Strawberry does for its resolver, if
    given.
    """

    def __init__(
        self,
        source: PlanSource,
        definition: GraphQLField,
        details: Sequence[FieldDetails],
        strawberry_field: StrawberryField | None,
    ) -> None:
        self._definition = definition
        self._detail = details[0]
        self._build_converters = _build_converters(source, strawberry_field) if strawberry_field is not None else None
        self._static = _analyze(definition, self._detail.node, self._build_converters)
        # The same for every run, unless an argument is a variable.
        self.constant_values = (
            self._static.constants if self._static is not None and not self._static.variables else None
        )

    def values(self, run: ExecutionContext, info: object) -> dict[str, object]:
        """By parameter name. Raises GraphQLError for an invalid value."""
        if self.constant_values is not None:
            return self.constant_values
        shared = run.arguments.get(self)
        if shared is None:
            shared = self._coerce(run, info)
            if _is_immutable(shared):
                run.arguments[self] = shared
        return shared

    def _coerce(self, run: ExecutionContext, info: object) -> dict[str, object]:
        if self._static is not None:
            found = self._from_variables(run.variables.coerced, info)
            if found is not None:
                return found
        detail = self._detail
        values = get_argument_values(self._definition, detail.node, run.variables, detail.fragment_variable_values)
        return _convert(values, self._build_converters, info)

    def _from_variables(self, variables: dict[str, object], info: object) -> dict[str, object] | None:
        """None if a variable has no value, or one that graphql-core rejects."""
        assert self._static is not None
        found = dict(self._static.constants)
        for name, variable, non_null, convert in self._static.variables:
            value = variables.get(variable, UNSET)
            if value is UNSET or (value is None and non_null):
                return None
            found[name] = value if convert is None else convert(value, info)
        return found


def _convert(values: dict[str, object], converters: _Converters | None, info: object) -> dict[str, object]:
    """By parameter name. `converters`: None to return the values as graphql-core coerces them."""
    if converters is None:
        return values
    return {
        name: values[key] if convert is None else convert(values[key], info)
        for key, name, convert in converters
        if key in values
    }


def _build_converters(source: PlanSource, field: StrawberryField) -> _Converters:
    schema = source.strawberry
    name_of = schema.config.name_converter.from_argument
    return [
        (name_of(argument), argument.python_name, build_converter(argument.type, schema))
        for argument in field.arguments
    ]


class StaticArguments:
    """`constants`: arguments that are literals or omitted. `variables`: arguments that are a single variable."""

    def __init__(self, constants: dict[str, object], variables: list[tuple[str, str, bool, Convert | None]]) -> None:
        self.constants = constants
        self.variables = variables


def _analyze(definition: GraphQLField, node: FieldNode, converters: _Converters | None) -> StaticArguments | None:
    """What remains to be done for each run. None if a variable is nested inside the value of an argument."""
    given = {argument.name.value: argument for argument in node.arguments or ()}
    by_variable = {name: one.value for name, one in given.items() if isinstance(one.value, VariableNode)}
    others = tuple(one for name, one in given.items() if name not in by_variable)
    if any(_has_variables(one) for one in others) or (by_variable and converters is None):
        return None
    definitions = definition.args
    rest = GraphQLField(definition.type, {name: definitions[name] for name in definitions if name not in by_variable})
    try:
        values = get_argument_values(rest, FieldNode(name=node.name, arguments=others))
        constants = _convert(values, converters, None)
    except Exception:
        # The field reports the error when it is executed.
        return None
    if not _is_immutable(constants):
        return None
    return StaticArguments(
        constants,
        [
            (name, by_variable[key].name.value, is_non_null_type(definitions[key].type), convert)
            for key, name, convert in converters or ()
            if key in by_variable
        ],
    )


def _is_immutable(values: dict[str, object]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())


def _has_variables(node: ArgumentNode) -> bool:
    finder = _Variables()
    visit(node, finder)
    return finder.found


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, _node: VariableNode, *_: object) -> None:
        self.found = True
