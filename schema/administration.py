"""Types for administrators."""

import datetime

import strawberry

from db.queries.administration import AuditEntryRow
from domain.enums import HealthStatus
from domain.field_changes import MAX_CHANGES_LENGTH
from domain.list_sizes import (
    MAX_CACHED_FIELDS,
    MAX_DEPRECATED_USAGES,
    MAX_HEALTH_CHECKS,
    MAX_SCHEDULES,
    MAX_SCHEMA_USAGES,
    MAX_UNUSED_INDEXES,
)
from domain.webhooks import MAX_WEBHOOKS
from resolvers import administration as resolve_administration
from resolvers import analytics as resolve_analytics
from resolvers import diagnostics as resolve_diagnostics
from resolvers import managed_jobs as resolve_managed_jobs
from resolvers import managed_users as resolve_managed_users
from resolvers import usage as resolve_usage
from resolvers import webhooks as resolve_webhooks
from schema import lazy_types as ref
from schema import list_sizes
from schema.analytics import Analytics
from schema.cache_control import ANALYTICS
from schema.connections import Connection
from schema.diagnostics import ErrorGroup, IndexUsage, SlowOperation, SlowQuery
from schema.directives import NULL_ON_ERROR, Cost
from schema.managed_jobs import ManagedJob, Schedule
from schema.managed_users import ManagedUser
from schema.nodes import Node, is_row
from schema.usage import DeprecatedUsage, SchemaUsage
from schema.webhooks import Webhook


@strawberry.type(description="Health of one dependency.")
class HealthCheck:
    name: str = strawberry.field(description="The dependency.")
    status: HealthStatus = strawberry.field(description="The state.")
    latency_ms: float | None = strawberry.field(description="Round-trip time in milliseconds.")
    message: str | None = strawberry.field(
        description="Human-readable message; null if the check succeeded.", directives=[Cost(weight="3")]
    )


@strawberry.type(description="Health of the server's dependencies.")
class SystemHealth:
    status: HealthStatus = strawberry.field(description="The worst state of all checks.")
    checks: list[HealthCheck] = strawberry.field(
        description="One check for each dependency.", directives=[list_sizes.at_most(MAX_HEALTH_CHECKS)]
    )


@strawberry.type(description="Cache statistics of a field.")
class FieldCacheStats:
    field: str = strawberry.field(description="Coordinates of the field, such as Query.books.")
    hits: int = strawberry.field(description="Cache hits.")
    misses: int = strawberry.field(description="Cache misses.")
    hit_rate: float = strawberry.field(description="Hit rate, between 0 and 1.")


@strawberry.type(description="Cache statistics of all processes of the server.")
class CacheStats:
    backend: str = strawberry.field(description="The cache backend.")
    entries: int = strawberry.field(description="Number of entries in the memory of the processes.")
    hits: int = strawberry.field(description="Cache hits.")
    misses: int = strawberry.field(description="Cache misses.")
    hit_rate: float = strawberry.field(description="Hit rate, between 0 and 1.")
    by_field = strawberry.field(
        resolver=resolve_administration.cache_stats_by_field,
        graphql_type=list[FieldCacheStats],
        description="Statistics by field.",
        directives=[list_sizes.at_most(MAX_CACHED_FIELDS)],
    )


@strawberry.type(description="The database connections of all processes of the server.")
class PoolStats:
    size: int = strawberry.field(description="Open connections.")
    in_use: int = strawberry.field(description="Connections in use.")
    idle: int = strawberry.field(description="Idle connections.")
    waiting: int = strawberry.field(description="Requests waiting for a connection.")
    utilization = strawberry.field(
        resolver=resolve_administration.pool_utilization,
        graphql_type=float,
        description="Share of the connections in use, between 0 and 1.",
    )


@strawberry.type(description="Job queue statistics.")
class JobStats:
    queued: int = strawberry.field(description="Queued jobs.")
    running: int = strawberry.field(description="Running jobs.")
    succeeded24h: int = strawberry.field(description="Jobs that succeeded in the last 24 hours.")
    failed24h: int = strawberry.field(description="Jobs that failed in the last 24 hours.")
    completion_rate_24h = strawberry.field(
        resolver=resolve_administration.completion_rate,
        graphql_type=float,
        description=(
            "Share of succeeded jobs among those finished in the last 24 hours, between 0 and 1; 1 if none finished."
        ),
    )
    oldest_queued_seconds: float = strawberry.field(
        description="Age of the oldest queued job in seconds; 0 if none is queued."
    )


@strawberry.type(description="An entry of the audit log.")
class AuditEntry(Node):
    is_type_of = is_row(AuditEntryRow)

    at: datetime.datetime = strawberry.field(description="Time of the change.")
    actor = strawberry.field(
        resolver=resolve_administration.audit_actor,
        graphql_type=ref.User | None,
        description="The user who did it; null for the command line and purged accounts.",
    )
    action: str = strawberry.field(description="What was done, such as update, setRole or view.")
    entity: str = strawberry.field(description="Type of the object.")
    entity_id = strawberry.field(
        resolver=resolve_administration.audit_entity_id,
        graphql_type=strawberry.ID,
        description="Global id of the object.",
    )
    changes = strawberry.field(
        resolver=resolve_administration.audit_changes,
        graphql_type=str,
        description=(
            "Values before and after the change, or what was looked for, as JSON. If it has more than "
            f"{MAX_CHANGES_LENGTH:,} characters, long values are excerpts that begin before the first difference."
        ),
        directives=[Cost(weight=f"{MAX_CHANGES_LENGTH // 100}")],
    )
    request_id: str | None = strawberry.field(description="Id of the request.")


@strawberry.type(description="Data for administrators.")
class Admin:
    webhook = strawberry.field(
        resolver=resolve_webhooks.webhook, graphql_type=Webhook | None, description="Look up a webhook by its id."
    )
    webhooks = strawberry.field(
        resolver=resolve_webhooks.webhooks,
        graphql_type=list[Webhook] | None,
        description="Webhooks, oldest first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_WEBHOOKS)],
    )
    health = strawberry.field(
        resolver=resolve_administration.health,
        graphql_type=SystemHealth | None,
        description="Health of the server's dependencies.",
        directives=[NULL_ON_ERROR],
    )
    cache_stats = strawberry.field(
        resolver=resolve_administration.cache_stats,
        graphql_type=CacheStats | None,
        description="Cache statistics.",
        directives=[NULL_ON_ERROR],
    )
    pool_stats = strawberry.field(
        resolver=resolve_administration.pool_stats,
        graphql_type=PoolStats | None,
        description="The database connections of all processes of the server.",
        directives=[NULL_ON_ERROR],
    )
    job_stats = strawberry.field(
        resolver=resolve_administration.job_stats,
        graphql_type=JobStats | None,
        description="Job queue statistics.",
        directives=[NULL_ON_ERROR],
    )
    slow_queries = strawberry.field(
        resolver=resolve_diagnostics.slow_queries,
        graphql_type=list[SlowQuery] | None,
        description="From pg_stat_statements; empty if the extension is not installed.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
    slow_operations = strawberry.field(
        resolver=resolve_diagnostics.slow_operations,
        graphql_type=list[SlowOperation] | None,
        description="The latest executions of slow operations, in all processes.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
    errors = strawberry.field(
        resolver=resolve_diagnostics.errors,
        graphql_type=list[ErrorGroup] | None,
        description="Errors of requests and jobs by their cause, in all processes; the latest first.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
    unused_indexes = strawberry.field(
        resolver=resolve_diagnostics.unused_indexes,
        graphql_type=list[IndexUsage] | None,
        description="Indexes without scans, largest first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_UNUSED_INDEXES)],
    )
    deprecated_usage = strawberry.field(
        resolver=resolve_usage.deprecated_usage,
        graphql_type=list[DeprecatedUsage] | None,
        description="Uses of deprecated parts of the schema by client, most frequent first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_DEPRECATED_USAGES)],
    )
    schema_usage = strawberry.field(
        resolver=resolve_usage.schema_usage,
        graphql_type=list[SchemaUsage] | None,
        description="Uses of a part of the schema by versions of clients, most frequent first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_SCHEMA_USAGES)],
    )
    analytics = strawberry.field(
        resolver=resolve_analytics.analytics,
        graphql_type=Analytics | None,
        description="Analytics for a date range, at most ten minutes old.",
        directives=[NULL_ON_ERROR, ANALYTICS, Cost(weight="50")],
    )
    users = strawberry.field(
        resolver=resolve_managed_users.users,
        graphql_type=Connection[ManagedUser] | None,
        description="All users. Each page is an entry of the audit log, with the filter.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    user = strawberry.field(
        resolver=resolve_managed_users.user,
        graphql_type=ManagedUser | None,
        description="The user with this id, which is that of a `User` or a `ManagedUser`; null if there is none.",
    )
    jobs = strawberry.field(
        resolver=resolve_managed_jobs.managed_jobs,
        graphql_type=Connection[ManagedJob] | None,
        description=(
            "The jobs of all users, newest first; finished ones exist for 7 days. A page of the jobs of one user is an "
            "entry of the audit log."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    schedules = strawberry.field(
        resolver=resolve_managed_jobs.all_schedules,
        graphql_type=list[Schedule] | None,
        description="The periodic tasks of the workers, by name.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_SCHEDULES)],
    )
    audit_log = strawberry.field(
        resolver=resolve_administration.audit_log,
        graphql_type=Connection[ref.AuditEntry] | None,
        description=(
            "The audit log, newest first. Each page is an entry of its own, and another one about each user whom the "
            "arguments name."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
