"""Resolvers of a learner's parameters of FSRS."""

from collections.abc import Sequence
from dataclasses import dataclass

import strawberry

from db.queries.scheduling import SchedulingFitRow, own_fit
from db.queries.users import StudySettingsRow
from domain.enums import ParametersSource
from domain.scheduling.fitting import DEFAULT_PARAMETERS
from domain.viewer import Viewer
from resolvers.context import Info
from resolvers.viewer import settings as resolve_settings


@dataclass(frozen=True, slots=True)
class Scheduling:
    """`evaluation`: None before the first fit."""

    settings: StudySettingsRow
    parameters: Sequence[float]
    source: ParametersSource
    evaluation: SchedulingFitRow | None
    optimal_retention: float | None


async def scheduling(parent: strawberry.Parent[Viewer], info: Info) -> Scheduling:
    settings = await resolve_settings(parent, info)
    fit = await info.context.reads.row(own_fit, viewer_id=parent.id)
    return Scheduling(
        settings,
        settings.fsrs_parameters or DEFAULT_PARAMETERS,
        ParametersSource.FITTED if settings.fsrs_parameters else ParametersSource.DEFAULT,
        fit,
        None if fit is None else fit.optimal_retention,
    )
