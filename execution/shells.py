"""Makes the values of cached fields, in a context of their own."""

from typing import Any

from execution.cached_fields import CachedField
from execution.completion import answer
from execution.plans import count_run
from execution.run import Run
from execution.splicing import Shell
from execution.waiting import settle


async def make_shell(field: CachedField, context: Any, source: Any, variables: Any) -> tuple[Shell | None, list[Any]]:
    """The value without what is personal in it; None, and the errors, where there is any error in it.

    `source`: the field's parent. `variables`: of the operation, coerced.
    """
    made = field.made
    plan = made.selection.plan
    count_run(plan)
    run = Run(plan, context, None, variables)
    run.data = {}
    try:
        run.data[made.key] = answer(made, source, run, (None, made.key))
        await settle(run)
    except Exception as error:
        return None, [error]
    if run.errors:
        return None, run.errors
    return Shell.of(run.data[made.key]), []
