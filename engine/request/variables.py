"""Coerces the variables of an operation."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, Undefined, is_non_null_type
from graphql.execution import VariableValues, get_variable_values
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource

from engine.request.input_coercion import Coerce, FastPathMiss, build_coercer
from engine.request.variable_coordinates import locate_in_variables

MAX_ERRORS = 10
# graphql-core takes up to 20 µs for each value, and the event loop waits. The largest input, a thousand reviews, has
# 7,001.
MAX_VARIABLE_VALUES = 10_000


class Variables:
    """The variables of one operation."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, *, hide_suggestions: bool = False
    ) -> None:
        self._schema = schema
        self._hide_suggestions = hide_suggestions
        self._definitions = operation.variable_definitions or ()
        self._coercers: list[tuple[GraphQLVariableSignature, Coerce]] | None = []
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError):
                self._coercers = None
                return
            self._coercers.append((signature, build_coercer(signature.type)))

    def with_defaults(self, values: Mapping[str, object]) -> VariableValues:
        """These values, valid ones, and the defaults of other variables. Variables without either have no value.

        Raises ValueError for an invalid default.
        """
        given = [
            definition
            for definition in self._definitions
            if definition.default_value is not None or definition.variable.name.value in values
        ]
        found = get_variable_values(self._schema, given, dict(values))
        if isinstance(found, list):
            raise ValueError(found[0].message)
        return found

    def coerce(self, values: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The coerced values, or errors: at most ten, and one that says that there are more."""
        try:
            return self._coerce_fast(values)
        except Exception:
            # An unusual value, or one that a scalar rejects: graphql-core coerces it or reports the error.
            found = get_variable_values(self._schema, self._definitions, values, MAX_ERRORS, self._hide_suggestions)
            if isinstance(found, list):
                locate_in_variables(self._schema, self._definitions, values, found)
            return found

    def _coerce_fast(self, values: dict[str, Any]) -> VariableValues:
        if self._coercers is None:
            raise FastPathMiss
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, coerce in self._coercers:
            name = signature.name
            value = values.get(name, Undefined)
            if value is Undefined:
                # Defaults are coerced for each request: a resolver may modify its copy.
                if signature.default is not None or is_non_null_type(signature.type):
                    raise FastPathMiss
                sources[name] = VariableValueSource(signature)
            else:
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = coerce(value)
        return VariableValues(sources, coerced)


def has_more_values(values: Mapping[str, object], limit: int) -> bool:
    """Whether variables have more values, items of lists and fields of objects than `limit`, counted no further."""
    containers: list[Mapping[str, object] | list[object]] = [values]
    count = 0
    while containers:
        container = containers.pop()
        count += len(container)
        if count > limit:
            return True
        items = container if isinstance(container, list) else container.values()
        containers += [item for item in items if isinstance(item, dict | list)]
    return False
