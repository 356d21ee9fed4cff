"""Where every subscription starts."""

import strawberry

from resolvers import subscriptions as resolve_subscriptions
from schema.dashboard import Dashboard
from schema.jobs import Job


@strawberry.type(description="What can be watched. Each sends the state now, and then the changes.")
class Subscription:
    job_status = strawberry.subscription(
        resolver=resolve_subscriptions.job_status,
        graphql_type=Job,
        description="A job of one's own: as it is now, then each change in order. Completes when the job has ended.",
    )
    my_jobs = strawberry.subscription(
        resolver=resolve_subscriptions.my_jobs,
        graphql_type=Job,
        description="All jobs of one's own: those that did not end as they are now, then each change of any.",
    )
    dashboard_updated = strawberry.subscription(
        resolver=resolve_subscriptions.dashboard_updated,
        graphql_type=Dashboard,
        description="One's dashboard: as it is now, then whenever what is selected of it has changed, by a write from "
        "whichever device or by the clock.",
    )
