"""A learner's parameters of FSRS."""

from datetime import datetime

import strawberry

from domain.enums import ParametersSource
from schema import list_sizes


@strawberry.type(description="A fit of parameters, evaluated with the last fifth of the reviews, which it did not use.")
class SchedulingEvaluation:
    log_loss: float = strawberry.field(description="Log loss of the fitted parameters; lower is better.")
    rmse: float = strawberry.field(description="Root mean square error of the fitted parameters in bins of reviews.")
    previous_log_loss: float = strawberry.field(description="Log loss of the parameters that were used before.")
    previous_rmse: float = strawberry.field(description="Error of the parameters that were used before.")
    is_kept: bool = strawberry.field(description="Whether log loss improved, so that the fitted parameters are used.")
    reviews: int = strawberry.field(description="Number of reviews that were used; the newest 50,000 at most.")
    fitted_at: datetime = strawberry.field(description="Time of the fit.")


@strawberry.type(description="The learner's parameters of FSRS.")
class Scheduling:
    parameters: list[float] = strawberry.field(
        description="The 21 parameters of FSRS-6.", directives=[list_sizes.PARAMETERS]
    )
    source: ParametersSource = strawberry.field(description="Where the parameters come from.")
    evaluation: SchedulingEvaluation | None = strawberry.field(description="The newest fit; null before the first.")
    optimal_retention: float | None = strawberry.field(
        description="Retention at which the learner remembers most for the time spent; null before the first fit."
    )
