"""What a run would plan later: selections of concrete types at abstract positions, and plans of templates."""

from collections.abc import Iterator

from engine.caching.policy import CachedField
from engine.nodes import Plan, ResponsePosition, TypeKind, item_position_of, iter_selections


def plan_possible_types(plan: Plan) -> None:
    """Plan the selection of each type that a value can have. Raises OperationTooComplex beyond the plan's fields."""
    for selection in iter_selections(plan.root):
        for field in selection.fields:
            _plan_types(plan, item_position_of(field.position))


def _plan_types(plan: Plan, position: ResponsePosition) -> None:
    if position.kind is TypeKind.ABSTRACT:
        for type_ in plan.source.schema.get_possible_types(position.type):
            if type_ not in position.selections:
                plan.plan_concrete_type(position, type_)


def template_plans(plan: Plan) -> Iterator[Plan]:
    """The plans that compute the cached fields of a plan, each once."""
    found = {
        id(field.resolver.template_plan): field.resolver.template_plan
        for selection in iter_selections(plan.root)
        for field in selection.fields
        if isinstance(field.resolver, CachedField)
    }
    yield from found.values()
