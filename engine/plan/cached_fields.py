"""Finds the cacheable fields of a plan, and plans the computation of their templates."""

from collections.abc import Callable
from uuid import UUID

from graphql import GraphQLScalarType, OperationType, VariableNode, Visitor, get_named_type, is_object_type, print_ast
from graphql.language import NameNode, visit

from engine.caching.policy import CachedField, CachePolicies, CachePolicy
from engine.caching.template import Hole
from engine.nodes import (
    FieldPlan,
    FieldResolver,
    Path,
    Plan,
    ResponsePosition,
    SelectionPlan,
    TypeKind,
    item_position_of,
    path_to_list,
    unlink_below,
)
from engine.plan.field_resolvers import AttributeResolver, FunctionResolver
from engine.run.context import ExecutionContext
from engine.run.interpreter import INTERPRETED
from engine.run.loader_resolver import LoaderResolver


class _NotCacheable(Exception):
    """A field in the value can neither be cached with it nor become a hole."""


def cache_fields(plan: Plan, replan: Callable[[], Plan], policies: CachePolicies) -> None:
    """Caches the query fields that have a policy and no list above them.

    `replan`: plans the operation again. Templates are computed by that plan; most operations need none.
    """
    if plan.source.operation.operation is OperationType.QUERY and _has_cached_fields(policies, plan.root):
        template_plan = replan()
        _cache_below(plan.root, template_plan.root, template_plan, policies, ())


def _has_cached_fields(policies: CachePolicies, selection: SelectionPlan) -> bool:
    return any(
        policies.of_field(selection.type, field.name, field.definition) is not None
        or (
            field.position.kind is TypeKind.OBJECT
            and _has_cached_fields(policies, field.position.selections[field.position.type])
        )
        for field in selection.fields
    )


def _cache_below(
    selection: SelectionPlan,
    template_selection: SelectionPlan,
    template_plan: Plan,
    policies: CachePolicies,
    above: tuple[FieldPlan, ...],
) -> None:
    for field, template_field in zip(selection.fields, template_selection.fields, strict=True):
        policy = policies.of_field(selection.type, field.name, field.definition)
        if policy is not None and isinstance(field.resolver, LoaderResolver | FunctionResolver):
            planner = _CachedFieldPlanner(field, template_field, template_plan, field.resolver, policy, policies)
            try:
                field.resolver = planner.plan(above)
                continue
            except _NotCacheable:
                # Fields below it may still be cacheable.
                pass
        position, template_position = field.position, template_field.position
        if position.kind is TypeKind.OBJECT:
            _cache_below(
                position.selections[position.type],
                template_position.selections[template_position.type],
                template_plan,
                policies,
                (*above, field),
            )


class HoleResolver:
    """Replaces a per-viewer field in the plan of a template: records what is needed to resolve it later."""

    def __init__(self, hole: int, key: AttributeResolver | None) -> None:
        self._hole = hole
        self.key = key

    def resolve(self, source: object, run: ExecutionContext, field: FieldPlan, path: Path) -> Hole | None:
        keys = tuple(path_to_list(path)[1:])
        if self.key is None:
            return Hole(self._hole, None, keys)
        key = self.key.resolve(source, run, field, path)
        if not isinstance(key, UUID | None):
            raise TypeError(f"{type(key).__name__} cannot be the key of a hole")
        return None if key is None else Hole(self._hole, key, keys)


# A leaf type that does not serialize its values.
_HOLE_TYPE = GraphQLScalarType("Hole", coerce_output_value=lambda value: value)


class _CachedFieldPlanner:
    def __init__(
        self,
        field: FieldPlan,
        template_field: FieldPlan,
        template_plan: Plan,
        resolver: LoaderResolver | FunctionResolver,
        policy: CachePolicy,
        policies: CachePolicies,
    ) -> None:
        self._field = field
        self._template_field = template_field
        self._template_plan = template_plan
        self._resolver = resolver
        self._policies = policies
        self._policy = policy
        self._max_age = policy.max_age
        self._holes: list[FieldPlan] = []
        self._printer = _KeyPrinter()
        # Template fields replaced so far, to restore them if the field is not cacheable.
        self._replaced: list[tuple[FieldPlan, FieldResolver, ResponsePosition]] = []

    def plan(self, above: tuple[FieldPlan, ...]) -> CachedField:
        """`above`: the fields that lead to it, from the root. Raises _NotCacheable."""
        template_field = self._template_field
        self._is_inlined_by_type(self._field)
        try:
            path = ".".join([self._printer.print(field) for field in (*above, self._field)])
            key_text = f"{path}{self._partition_position(self._field, template_field)}"
        except _NotCacheable:
            for field, resolver, position in self._replaced:
                field.resolver, field.position = resolver, position
            raise
        for _, _, position in self._replaced:
            for selection in item_position_of(position).selections.values():
                unlink_below(selection)
            position.unlink()
        # It is the root field of the computation.
        template_field.parent = None
        return CachedField(
            self._resolver,
            self._field,
            self._policy,
            max_age=self._max_age,
            holes=self._holes,
            template_field=template_field,
            template_plan=self._template_plan,
            key_text=key_text,
            variables=tuple(self._printer.variables),
        )

    def _partition_position(self, field: FieldPlan, template_field: FieldPlan) -> str:
        position, template_position = item_position_of(field.position), item_position_of(template_field.position)
        if position.kind is TypeKind.LEAF:
            return ""
        if position.kind is TypeKind.ABSTRACT:
            raise _NotCacheable
        fields = position.selections[position.type].fields
        template_fields = template_position.selections[template_position.type].fields
        key_texts = [self._partition(*pair) for pair in zip(fields, template_fields, strict=True)]
        return f"{{{' '.join(key_texts)}}}"

    def _partition(self, field: FieldPlan, template_field: FieldPlan) -> str:
        """Inlines the field or makes it a hole. Returns its part of the cache key."""
        if self._is_inlined(field):
            return f"{field.key}:{self._printer.print(field)}{self._partition_position(field, template_field)}"
        hole = len(self._holes)
        key = self._hole_key(field)
        self._holes.append(field)
        self._replaced.append((template_field, template_field.resolver, template_field.position))
        template_field.resolver = HoleResolver(hole, key)
        template_field.position = ResponsePosition(template_field, _HOLE_TYPE, INTERPRETED)
        return f"{field.key}:?{key.name if key is not None else ''}"

    def _is_inlined(self, field: FieldPlan) -> bool:
        policy = self._policies.of_field(field.parent_type, field.name, field.definition)
        return self._is_inlined_by_type(field) if policy is None else self._is_compatible(policy)

    def _is_inlined_by_type(self, field: FieldPlan) -> bool:
        """An object with an id needs a policy of its own; one without is cached like its parent."""
        type_ = get_named_type(field.definition.type)
        if not is_object_type(type_):
            return True
        policy = self._policies.of_type(type_)
        return "id" not in type_.fields if policy is None else self._is_compatible(policy)

    def _is_compatible(self, policy: CachePolicy) -> bool:
        """Whether the value may contain it. Lowers the maximum age of the value to that of the policy."""
        self._max_age = min(self._max_age, policy.max_age)
        return self._policy.is_private or not policy.is_private

    def _hole_key(self, field: FieldPlan) -> AttributeResolver | None:
        """The attribute with its loader's key. None if it is resolved from the parent, which can be read again. Raises
        _NotCacheable.
        """
        resolver = field.resolver
        if isinstance(resolver, LoaderResolver):
            without_key: object = resolver.declared.value(None)
            if isinstance(resolver.key, AttributeResolver) and not field.position.non_null and without_key is None:
                return resolver.key
        elif field.parent is self._field.position and self._can_reread_parent():
            return None
        raise _NotCacheable

    def _can_reread_parent(self) -> bool:
        return (
            isinstance(self._resolver, FunctionResolver)
            and not self._resolver.is_async
            and self._field.position.kind is TypeKind.OBJECT
        )


class _KeyPrinter:
    """Prints fields for cache keys, with variables numbered in the order of their first use."""

    def __init__(self) -> None:
        self.variables: dict[str, int] = {}

    def print(self, field: FieldPlan) -> str:
        """The field's name and arguments."""
        numbering = _VariableRenumbering(self.variables)
        arguments = sorted(print_ast(visit(node, numbering)) for node in field.nodes[0].arguments or ())
        return f"{field.name}({', '.join(arguments)})" if arguments else field.name


class _VariableRenumbering(Visitor):
    """Replaces the names of variables by numbers."""

    def __init__(self, variables: dict[str, int]) -> None:
        super().__init__()
        self._variables = variables

    def enter_variable(self, node: VariableNode, *_: object) -> VariableNode:
        number = self._variables.setdefault(node.name.value, len(self._variables))
        return VariableNode(name=NameNode(value=str(number)))
