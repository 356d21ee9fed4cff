"""Mutations that run periodic tasks, for administrators."""

import datetime

import strawberry

from domain.enums import Role
from resolvers.mutations import schedules as resolve_schedules
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.managed_jobs import Schedule
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(resolve_schedules.RunScheduleInput, "Input of runSchedule.", name="The name of the task.")


@strawberry.type
class _SchedulePayload(ViewerPayload):
    schedule: Schedule | None = strawberry.field(description="The task, which a worker will run.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of runSchedule.")
class RunSchedulePayload(_SchedulePayload):
    pass


@strawberry.type(description="Result of refreshAnalytics.")
class RefreshAnalyticsPayload(_SchedulePayload):
    refreshed_at: datetime.datetime | None = strawberry.field(
        description="When analytics were refreshed last, before this request."
    )


@strawberry.type
class ScheduleMutations:
    run_schedule = strawberry.mutation(
        resolver=resolve_schedules.run_schedule,
        graphql_type=RunSchedulePayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Runs a periodic task immediately: a worker starts it within 30 seconds.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    refresh_analytics = strawberry.mutation(
        resolver=resolve_schedules.refresh_analytics,
        graphql_type=RefreshAnalyticsPayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Refreshes analytics: a worker starts it within 30 seconds.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
