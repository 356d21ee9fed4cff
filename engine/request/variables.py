"""The variables of an operation, coerced once for a request."""

from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, Undefined, is_non_null_type
from graphql.execution import VariableValues, get_variable_values
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource

from engine.request.input_coercion import Coerce, Uncommon, coercer

MAX_ERRORS = 10


class Variables:
    """Of one operation."""

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
            self._coercers.append((signature, coercer(signature.type)))

    def coerced(self, values: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """What resolvers work with, or what is wrong: at most ten errors, and one that says there are more."""
        try:
            return self._by_coercers(values)
        except Exception:
            # What is uncommon, and what a scalar refuses. Whether it is wrong graphql-core says.
            return get_variable_values(self._schema, self._definitions, values, MAX_ERRORS, self._hide_suggestions)

    def _by_coercers(self, values: dict[str, Any]) -> VariableValues:
        if self._coercers is None:
            raise Uncommon
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, coerce in self._coercers:
            name = signature.name
            value = values.get(name, Undefined)
            if value is Undefined:
                # A default is coerced anew each time: what a resolver changes of it is its own.
                if signature.default is not None or is_non_null_type(signature.type):
                    raise Uncommon
                sources[name] = VariableValueSource(signature)
            else:
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = coerce(value)
        return VariableValues(sources, coerced)
