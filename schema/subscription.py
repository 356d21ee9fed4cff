"""The root type of subscriptions."""

import strawberry

from resolvers import notification_stream as resolve_notification_stream
from resolvers import subscriptions as resolve_subscriptions
from schema.dashboard import Dashboard
from schema.jobs import Job
from schema.notifications import NotificationEvent


@strawberry.type(description="The subscriptions. Each sends the current state first, and then every change.")
class Subscription:
    job_status = strawberry.subscription(
        resolver=resolve_subscriptions.job_status,
        graphql_type=Job,
        description=(
            "Status of one of the viewer's jobs: the current state, then every change in order. Completes "
            "when the job is finished."
        ),
    )
    my_jobs = strawberry.subscription(
        resolver=resolve_subscriptions.my_jobs,
        graphql_type=Job,
        description="Status of all of the viewer's jobs: the current state of unfinished jobs, then every change.",
    )
    dashboard_updated = strawberry.subscription(
        resolver=resolve_subscriptions.dashboard_updated,
        graphql_type=Dashboard,
        description=(
            "The viewer's dashboard: the current state, then an event whenever the selected fields have changed."
        ),
    )
    notification_received = strawberry.subscription(
        resolver=resolve_notification_stream.notification_received,
        graphql_type=NotificationEvent,
        description=(
            "The viewer's notifications: the number of unread ones, then an event for each new one, and whenever the "
            "number changes. A client that was disconnected reads `Viewer.notifications`."
        ),
    )
