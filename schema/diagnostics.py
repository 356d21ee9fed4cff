"""Types about the performance of the platform, and its errors."""

import datetime

import strawberry

from domain.diagnostics import MAX_STATEMENTS
from resolvers import diagnostics as resolve_diagnostics
from schema import list_sizes
from schema.directives import Cost


@strawberry.type(description="An SQL statement, aggregated over its executions.")
class SlowQuery:
    query: str = strawberry.field(
        description="The statement, without parameter values.", directives=[Cost(weight="80")]
    )
    calls: int = strawberry.field(description="Number of executions.")
    mean_ms: float = strawberry.field(description="Mean execution time in milliseconds.")
    total_ms: float = strawberry.field(description="Total execution time in milliseconds.")
    rows: int = strawberry.field(description="Total number of rows.")


@strawberry.type(description="An index that has never been scanned.")
class IndexUsage:
    table: str = strawberry.field(description="Name of the table.")
    index: str = strawberry.field(description="Name of the index.")
    scans: int = strawberry.field(description="Number of scans.")
    size_bytes: int = strawberry.field(description="Size in bytes.")


@strawberry.type(description="The executions of an SQL statement in one operation.")
class StatementTotal:
    name: str = strawberry.field(description="Name of the statement.", directives=[Cost(weight="2")])
    count: int = strawberry.field(description="Number of executions.")
    duration_ms: float = strawberry.field(description="Total duration in milliseconds.")
    rows: int = strawberry.field(description="Total number of rows.")
    plan = strawberry.field(
        resolver=resolve_diagnostics.statement_plan,
        graphql_type=str | None,
        description="PostgreSQL's present plan for any values of the parameters. Null if the process that responds has"
        " not executed the statement, and beyond 50 statements.",
        directives=[Cost(weight="80")],
    )


@strawberry.type(description="One execution of a slow operation, without values of its variables.")
class SlowOperation:
    at: datetime.datetime = strawberry.field(description="When it ended.")
    kind: str = strawberry.field(description="query, mutation or subscription; of the latter, one event.")
    operation: str | None = strawberry.field(description="Name of the operation.")
    document_hash: str | None = strawberry.field(
        description="SHA-256 of the document, as in persisted queries; null for events of subscriptions."
    )
    client: str = strawberry.field(description="The client's name, from its request headers.")
    duration_ms: float = strawberry.field(description="Duration in milliseconds.")
    parse_ms: float = strawberry.field(description="Time to parse the document; 0 if it was known.")
    validate_ms: float = strawberry.field(description="Time to validate the document; 0 if it was known.")
    plan_ms: float = strawberry.field(description="Time to plan and compile the operation; 0 if it was known.")
    execute_ms: float = strawberry.field(description="Time to execute it, including its statements.")
    encode_ms: float = strawberry.field(description="Time to encode the response.")
    sql_ms: float = strawberry.field(description="Time of all SQL statements, some of which may be concurrent.")
    pool_wait_ms: float = strawberry.field(description="Time of all waits for a database connection.")
    redis_ms: float = strawberry.field(description="Time of all commands of Redis.")
    statements = strawberry.field(
        resolver=resolve_diagnostics.statements,
        graphql_type=list[StatementTotal],
        description="SQL statements, the slowest first.",
        directives=[list_sizes.at_most(MAX_STATEMENTS)],
    )
    request_id: str | None = strawberry.field(
        description="The request id; null for events of subscriptions.", directives=[Cost(weight="2")]
    )
    trace_id: str = strawberry.field(description="Id of the trace.")


@strawberry.type(description="Errors with the same code, exception and location in the program.")
class ErrorGroup:
    fingerprint: str = strawberry.field(description="Identifies the group.")
    code: str = strawberry.field(description="The code in `extensions` of the error, or of the failed job.")
    exception: str | None = strawberry.field(description="Type of the exception that caused it.")
    location: str | None = strawberry.field(
        description="Function of the program that raised it.", directives=[Cost(weight="2")]
    )
    operation: str | None = strawberry.field(description="Name of the operation that had it last, or kind of the job.")
    count: int = strawberry.field(description="Number of requests and attempts at jobs with it.")
    first_seen_at: datetime.datetime = strawberry.field(description="First occurrence.")
    last_seen_at: datetime.datetime = strawberry.field(description="Last occurrence.")
    request_id: str | None = strawberry.field(
        description="Request id of the last occurrence, to find it in the log.", directives=[Cost(weight="2")]
    )
