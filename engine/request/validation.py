"""Validates documents by graphql-core's rules, with bounds on their work and on the size of errors."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    specified_rules,
    validate,
)
from graphql.validation.rules.overlapping_fields_can_be_merged import get_value_info
from graphql.validation.validate import ValidationAbortedError

from common.text import truncate
from engine.errors import ErrorCode, Limit
from engine.request.field_merging import FieldMerging, TooManySteps

# The maximum number of errors and of characters in all messages: a message may repeat a value of the document.
MAX_ERRORS = 50
MAX_ERROR_CHARACTERS = 10_000
MAX_MESSAGE_CHARACTERS = 1_000
# The work of comparing fields in pairs, with the messages of graphql-core, before they are compared in groups.
MAX_PAIRS_WORK = 5_000
# graphql-core's message for a document that exceeds its own bound of work.
_ABORTED = "Validation aborted."
TOO_MUCH_WORK = (
    "Document is too complex to validate: fragments are spread too often or nested too deeply. "
    "Split it into several documents."
)


class Validator:
    """`max_steps`: selections that are checked for field merging."""

    def __init__(self, schema: GraphQLSchema, max_steps: int) -> None:
        self._schema = schema
        merging = cast("type[ASTValidationRule]", partial(BoundedOverlappingFieldsRule, max_steps=max_steps))
        others = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
        self._rules: Sequence[type[ASTValidationRule]] = (_BoundedErrors, *others, merging)

    def errors(self, tree: DocumentNode, *, introspection: bool) -> list[GraphQLError]:
        """Errors with codes. Without introspection they do not suggest names."""
        rules = self._rules if introspection else (*self._rules, NoSchemaIntrospectionCustomRule)
        visitors: list[ASTValidationRule] = []

        def visitor(rule: type[ASTValidationRule], context: ValidationContext) -> ASTValidationRule:
            visitors.append(rule(context))
            return visitors[-1]

        noted = cast("list[type[ASTValidationRule]]", [partial(visitor, rule) for rule in rules])
        try:
            errors = validate(self._schema, tree, noted, max_errors=MAX_ERRORS, hide_suggestions=not introspection)
        finally:
            # Each refers to its own methods, and by the context to the document: a reference cycle.
            for one in visitors:
                one.__dict__.clear()
        return [_with_code(error) for error in errors]


def _with_code(error: GraphQLError) -> GraphQLError:
    code = ErrorCode.GRAPHQL_VALIDATION_FAILED
    if isinstance(error, ValidationAbortedError) and error.message == _ABORTED:
        error, code = GraphQLError(TOO_MUCH_WORK), ErrorCode.OPERATION_TOO_COMPLEX
    error.extensions = {**(error.extensions or {}), "code": code.value}
    if code is ErrorCode.OPERATION_TOO_COMPLEX:
        error.extensions["limit"] = Limit.VALIDATION_WORK.value
    return error


class _BoundedErrors(ASTValidationRule):
    """Precedes the rules whose errors it bounds."""

    context: ValidationContext

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        # An attribute that hides the context's method. A bound method of this rule would be a reference cycle.
        vars(context)["on_error"] = _limit_errors(context.on_error)


def _limit_errors(report: Callable[[GraphQLError], None]) -> Callable[[GraphQLError], None]:
    characters = 0

    def on_error(error: GraphQLError) -> None:
        nonlocal characters
        error.message = truncate(error.message, MAX_MESSAGE_CHARACTERS)
        characters += len(error.message)
        report(error)
        if characters > MAX_ERROR_CHARACTERS:
            raise ValidationAbortedError("Too many validation errors. Validation aborted.")

    return on_error


class BoundedOverlappingFieldsRule(OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule up to a bound of work, then a check in groups."""

    def __init__(self, context: ValidationContext, max_steps: int) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_PAIRS_WORK
        self._max_steps = max_steps
        self._exhausted = False
        self._reported = False

    def report_error(self, error: GraphQLError) -> None:
        self._reported = True
        super().report_error(error)

    def enter_selection_set(self, selection_set: SelectionSetNode, *args: object) -> None:
        if self._exhausted:
            return
        try:
            super().enter_selection_set(selection_set, *args)
        except ValidationAbortedError:
            if self.rule_context.remaining_complexity_budget >= 0:
                # Aborted because of too many errors.
                raise
            self._exhausted = True

    def leave_document(self, document: DocumentNode, *_: object) -> None:
        if not self._exhausted or self._reported:
            return
        schema = self.context.schema
        fragments, roots = {}, []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                fragments[definition.name.value] = definition
                roots.append((definition.selection_set, schema.get_type(definition.type_condition.name.value)))
            elif isinstance(definition, OperationDefinitionNode):
                roots.append((definition.selection_set, schema.get_root_type(definition.operation)))
        merging = FieldMerging(
            schema, fragments, lambda value: get_value_info(self.rule_context, value).comparison_key, self._max_steps
        )
        try:
            conflict = merging.find_conflict(roots)
        except TooManySteps:
            raise ValidationAbortedError(_ABORTED) from None
        if conflict is not None:
            message = f"Fields '{conflict.response_name}' conflict because {conflict.reason}."
            advice = "Use different aliases on the fields to fetch both if this was intentional."
            self.report_error(GraphQLError(f"{message} {advice}", [*conflict.nodes]))
