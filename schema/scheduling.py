"""A learner's parameters of FSRS."""

import datetime

import strawberry

from domain.enums import ParametersSource
from resolvers import simulation as resolve_simulation
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import is_row


@strawberry.type(description="A fit of parameters, evaluated with the last fifth of the reviews, which it did not use.")
class SchedulingEvaluation:
    log_loss: float = strawberry.field(description="Log loss of the fitted parameters; lower is better.")
    rmse: float = strawberry.field(description="Root mean square error of the fitted parameters in bins of reviews.")
    previous_log_loss: float = strawberry.field(description="Log loss of the parameters that were used before.")
    previous_rmse: float = strawberry.field(description="Error of the parameters that were used before.")
    is_kept: bool = strawberry.field(description="Whether log loss improved, so that the fitted parameters are used.")
    reviews: int = strawberry.field(description="Number of reviews that were used; the newest 50,000 at most.")
    fitted_at: datetime.datetime = strawberry.field(description="Time of the fit.")


@strawberry.type(description="A simulated day.")
class SimulatedDay:
    is_type_of = is_row(resolve_simulation.SimulatedStudyDay)

    date: datetime.date = strawberry.field(description="The day.")
    reviews: int = strawberry.field(description="Number of reviews, with those in learning steps.")
    new_cards: int = strawberry.field(description="Number of new cards.")
    minutes: float = strawberry.field(description="Minutes spent on reviews, by the learner's median times.")
    known: int = strawberry.field(description="How many of the reviewed cards the learner would recall.")


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
    simulate = strawberry.field(
        resolver=resolve_simulation.simulate,
        graphql_type=list[SimulatedDay] | None,
        description=(
            "A simulation of the next 1 to 365 days with the learner's present cards, parameters and times per answer, "
            "if every card is reviewed with FSRS on its due day."
        ),
        directives=[NULL_ON_ERROR, list_sizes.DAYS, Cost(weight="5000")],
    )
