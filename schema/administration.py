"""What administrators see."""

import datetime

import strawberry

from db.queries.administration import AuditEntryRow
from domain.enums import HealthStatus
from domain.list_sizes import (
    MAX_ANALYTICS_DAYS,
    MAX_CACHED_FIELDS,
    MAX_DEPRECATED_USAGES,
    MAX_HEALTH_CHECKS,
    MAX_UNUSED_INDEXES,
)
from resolvers import administration as resolve_administration
from resolvers import deprecation as resolve_deprecation
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="Whether one dependency answers.")
class HealthCheck:
    name: str = strawberry.field(description="The dependency.")
    status: HealthStatus = strawberry.field(description="How it is.")
    latency_ms: float | None = strawberry.field(description="Milliseconds of one round trip.")
    message: str | None = strawberry.field(description="What is wrong.", directives=[Cost(weight="3")])


@strawberry.type(description="Whether what the server stands on answers.")
class SystemHealth:
    status: HealthStatus = strawberry.field(description="The worst of the checks.")
    checks: list[HealthCheck] = strawberry.field(
        description="One for each dependency.", directives=[list_sizes.at_most(MAX_HEALTH_CHECKS)]
    )


@strawberry.type(description="How often a field was answered from the cache.")
class FieldCacheStats:
    field: str = strawberry.field(description="The field, as Type.field.")
    hits: int = strawberry.field(description="Answered from the cache.")
    misses: int = strawberry.field(description="Had to be computed.")
    hit_rate: float = strawberry.field(description="Hits among all: 0 to 1.")


@strawberry.type(description="How the cache of this process does.")
class CacheStats:
    backend: str = strawberry.field(description="Where entries are kept.")
    entries: int = strawberry.field(description="Entries in this process.")
    hits: int = strawberry.field(description="Answered from the cache.")
    misses: int = strawberry.field(description="Had to be computed.")
    hit_rate: float = strawberry.field(description="Hits among all: 0 to 1.")
    by_field = strawberry.field(
        resolver=resolve_administration.cache_stats_by_field,
        graphql_type=list[FieldCacheStats],
        description="The same for each field.",
        directives=[list_sizes.at_most(MAX_CACHED_FIELDS)],
    )


@strawberry.type(description="The database connections of this process.")
class PoolStats:
    size: int = strawberry.field(description="Open connections.")
    in_use: int = strawberry.field(description="Connections that work now.")
    idle: int = strawberry.field(description="Open connections that wait for work.")
    waiting: int = strawberry.field(description="Requests that wait for a connection.")
    utilization = strawberry.field(
        resolver=resolve_administration.pool_utilization,
        graphql_type=float,
        description="Connections in use among those allowed: 0 to 1.",
    )


@strawberry.type(description="How the queue of jobs does.")
class JobStats:
    queued: int = strawberry.field(description="Jobs that wait.")
    running: int = strawberry.field(description="Jobs that are being done.")
    succeeded24h: int = strawberry.field(description="Jobs done in the last 24 hours.")
    failed24h: int = strawberry.field(description="Jobs given up in the last 24 hours.")
    completion_rate_24h = strawberry.field(
        resolver=resolve_administration.completion_rate,
        graphql_type=float,
        description="Done among done and given up in the last 24 hours: 0 to 1; 1 where nothing ended.",
    )
    oldest_queued_seconds: float = strawberry.field(description="How long the oldest has waited; 0 where none waits.")


@strawberry.type(description="A statement that took long, added up over its runs.")
class SlowQuery:
    query: str = strawberry.field(description="The statement, without values.", directives=[Cost(weight="80")])
    calls: int = strawberry.field(description="How often it ran.")
    mean_ms: float = strawberry.field(description="Milliseconds of one run on average.")
    total_ms: float = strawberry.field(description="Milliseconds of all runs.")
    rows: int = strawberry.field(description="Rows of all runs.")


@strawberry.type(description="An index that nothing has read.")
class IndexUsage:
    table: str = strawberry.field(description="Its table.")
    index: str = strawberry.field(description="Its name.")
    scans: int = strawberry.field(description="How often it was read.")
    size_bytes: int = strawberry.field(description="How large it is.")


@strawberry.type(description="A client that still asks for something deprecated.")
class DeprecatedUsage:
    coordinate: str = strawberry.field(description="The field, argument or value.", directives=[Cost(weight="2")])
    client: str = strawberry.field(description="The client, as it names itself.")
    count: int = strawberry.field(description="How often.")
    last_seen_at: datetime.datetime = strawberry.field(description="When last.")
    reason = strawberry.field(
        resolver=resolve_deprecation.reason,
        graphql_type=str,
        description="Why it is deprecated, and what to use instead.",
        directives=[Cost(weight="3")],
    )
    sunset = strawberry.field(
        resolver=resolve_deprecation.sunset,
        graphql_type=datetime.date | None,
        description="When it will be gone.",
    )


@strawberry.type(description="Figures of one day.")
class AnalyticsDay:
    date: datetime.date = strawberry.field(description="The day.")
    active_learners: int = strawberry.field(description="Learners who reviewed.")
    reviews: int = strawberry.field(description="Reviews done.")
    retention: float | None = strawberry.field(description="Share of them recalled: 0 to 1.")


@strawberry.type(description="How often a word is forgotten.")
class VocabularyDifficulty:
    vocabulary = strawberry.field(
        resolver=resolve_administration.difficult_vocabulary, graphql_type=ref.Vocabulary, description="The word."
    )
    reviews: int = strawberry.field(description="Reviews of it, by all learners.")
    lapse_rate: float = strawberry.field(description="Share of them forgotten: 0 to 1.")


@strawberry.type(description="Figures of a period.")
class Analytics:
    active_learners = strawberry.field(
        resolver=resolve_administration.active_learners, graphql_type=int, description="Learners who reviewed."
    )
    new_learners = strawberry.field(
        resolver=resolve_administration.new_learners, graphql_type=int, description="Learners who signed up."
    )
    reviews = strawberry.field(
        resolver=resolve_administration.review_count, graphql_type=int, description="Reviews done."
    )
    retention = strawberry.field(
        resolver=resolve_administration.retention,
        graphql_type=float | None,
        description="Share of them recalled: 0 to 1.",
    )
    textbooks_generated = strawberry.field(
        resolver=resolve_administration.textbooks_generated, graphql_type=int, description="Textbooks written."
    )
    days = strawberry.field(
        resolver=resolve_administration.analytics_days,
        graphql_type=list[AnalyticsDay],
        description="Days with reviews, oldest first.",
        directives=[list_sizes.at_most(MAX_ANALYTICS_DAYS)],
    )
    top_vocabulary = strawberry.field(
        resolver=resolve_administration.top_vocabulary,
        graphql_type=list[VocabularyDifficulty] | None,
        description="The words most often forgotten, hardest first.",
        directives=[NULL_ON_ERROR, Cost(weight="50"), list_sizes.FIRST],
    )


@strawberry.type(description="Who changed what.")
class AuditEntry(Node):
    is_type_of = is_row(AuditEntryRow)

    at: datetime.datetime = strawberry.field(description="When.")
    actor = strawberry.field(
        resolver=resolve_administration.audit_actor, graphql_type=ref.User | None, description="Who."
    )
    action: str = strawberry.field(description="What was done.")
    entity: str = strawberry.field(description="The type of what was changed.")
    entity_id = strawberry.field(
        resolver=resolve_administration.audit_entity_id,
        graphql_type=strawberry.ID,
        description="The global id of what was changed.",
    )
    changes = strawberry.field(
        resolver=resolve_administration.audit_changes,
        graphql_type=str,
        description="What it was before and after, as JSON.",
        directives=[Cost(weight="400")],
    )
    request_id: str | None = strawberry.field(description="The request that did it.")


@strawberry.type(description="For administrators.")
class Admin:
    health = strawberry.field(
        resolver=resolve_administration.health,
        graphql_type=SystemHealth | None,
        description="Whether what the server stands on answers.",
        directives=[NULL_ON_ERROR],
    )
    cache_stats = strawberry.field(
        resolver=resolve_administration.cache_stats,
        graphql_type=CacheStats | None,
        description="How the cache does.",
        directives=[NULL_ON_ERROR],
    )
    pool_stats = strawberry.field(
        resolver=resolve_administration.pool_stats,
        graphql_type=PoolStats | None,
        description="The database connections of this process.",
        directives=[NULL_ON_ERROR],
    )
    job_stats = strawberry.field(
        resolver=resolve_administration.job_stats,
        graphql_type=JobStats | None,
        description="How the queue of jobs does.",
        directives=[NULL_ON_ERROR],
    )
    slow_queries = strawberry.field(
        resolver=resolve_administration.slow_queries,
        graphql_type=list[SlowQuery] | None,
        description="From pg_stat_statements; empty where it is not installed.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
    unused_indexes = strawberry.field(
        resolver=resolve_administration.unused_indexes,
        graphql_type=list[IndexUsage] | None,
        description="Indexes that nothing has read, largest first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_UNUSED_INDEXES)],
    )
    deprecated_usage = strawberry.field(
        resolver=resolve_administration.deprecated_usage,
        graphql_type=list[DeprecatedUsage] | None,
        description="Which clients still ask for what is deprecated, most often first.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_DEPRECATED_USAGES)],
    )
    analytics = strawberry.field(
        resolver=resolve_administration.analytics,
        graphql_type=Analytics | None,
        description="Figures of a period.",
        directives=[NULL_ON_ERROR, Cost(weight="50")],
    )
    learners = strawberry.field(
        resolver=resolve_administration.learners,
        graphql_type=Connection[ref.User] | None,
        description="All learners, newest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    audit_log = strawberry.field(
        resolver=resolve_administration.audit_log,
        graphql_type=Connection[ref.AuditEntry] | None,
        description="Who changed what, latest first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
