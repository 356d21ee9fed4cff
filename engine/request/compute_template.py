"""Computes the templates of cached fields."""

from collections.abc import Sequence

from graphql.execution import VariableValues

from engine.budget import UNLIMITED, ResultLimits
from engine.caching.policy import CachedField
from engine.caching.template import HoleCollector, Template
from engine.request.plan_cache import record_run
from engine.run.complete_value import execute_field
from engine.run.context import ExecutionContext
from engine.run.encoding import encode
from engine.run.scheduler import run_until_complete


async def compute_template(
    field: CachedField, context: object, source: object, variables: VariableValues, limits: ResultLimits = UNLIMITED
) -> tuple[Template | None, Sequence[Exception]]:
    """The field's value with holes for per-viewer fields. None, and the errors, if any field failed.

    `source`: the field's parent. `variables`, `limits`: of the operation, the variables coerced.
    """
    template_field = field.template_field
    plan = field.template_plan
    record_run(plan)
    run = ExecutionContext(plan, context, None, variables, limits=limits)
    run.data = {}
    try:
        run.data[template_field.key] = execute_field(template_field, source, run, (None, template_field.key))
        await run_until_complete(run)
        result = run.result()
        if result.errors:
            return None, result.errors
        holes, value = HoleCollector(), run.data[template_field.key]
        encoded = await encode(value, limits, value_count=result.values, byte_count=result.bytes, default=holes.add)
    except Exception as error:
        return None, [error]
    return Template.of_json(encoded, holes), []
