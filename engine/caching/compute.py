"""Makes the values of cached fields, in a context of their own."""

from typing import Any

from engine.caching.policy import CachedField
from engine.caching.template import Gaps, Shell
from engine.plan.plan_cache import count_run
from engine.run.budget import UNLIMITED, ResultLimits
from engine.run.complete_value import answer
from engine.run.context import Run
from engine.run.encoding import encode
from engine.run.scheduler import settle


async def make_shell(
    field: CachedField, context: Any, source: Any, variables: Any, limits: ResultLimits = UNLIMITED
) -> tuple[Shell | None, list[Any]]:
    """The value without what is personal in it; None, and the errors, where there is any error in it.

    `source`: the field's parent. `variables`: of the operation, coerced. `limits`: of the operation.
    """
    made = field.made
    plan = field.made_plan
    count_run(plan)
    run = Run(plan, context, None, variables, limits=limits)
    run.data = {}
    try:
        run.data[made.key] = answer(made, source, run, (None, made.key))
        await settle(run)
        result = run.result()
        if result.errors:
            return None, result.errors
        gaps, value = Gaps(), run.data[made.key]
        encoded = await encode(
            value, limits, value_count=result.values, byte_count=result.bytes, default=gaps.leave_out
        )
    except Exception as error:
        return None, [error]
    return Shell.of_json(encoded, gaps), []
