"""Resolver of vacations."""

import strawberry

from db.queries.vacations import VacationRow, own_vacation
from domain.viewer import Viewer
from resolvers.context import Info


async def vacation(parent: strawberry.Parent[Viewer], info: Info) -> VacationRow | None:
    return await info.context.reads.row(own_vacation, viewer_id=parent.id, now=info.context.now)
