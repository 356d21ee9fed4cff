"""Queries about the performance of the platform, and its errors."""

from datetime import datetime

from sqlalchemy import Integer, bindparam, select, text

from db.core.statement import Query, Row
from db.queries.expressions import row_columns
from db.tables.diagnostics import error_groups, slow_operations
from domain.list_sizes import MAX_UNUSED_INDEXES


class SlowQueryRow(Row):
    """Totals of a slow statement."""

    __slots__ = ()
    query: str
    calls: int
    mean_ms: float
    total_ms: float
    rows: int


class IndexUsageRow(Row):
    """An index without scans."""

    __slots__ = ()
    table: str
    index: str
    scans: int
    size_bytes: int


class AvailabilityRow(Row):
    """Whether an extension is available."""

    __slots__ = ()
    available: bool


class SlowOperationRow(Row):
    """One execution of a slow operation. `statements` is JSON as text."""

    __slots__ = ()
    at: datetime
    kind: str
    operation: str | None
    document_hash: str | None
    client: str
    duration_ms: float
    parse_ms: float
    validate_ms: float
    plan_ms: float
    execute_ms: float
    encode_ms: float
    sql_ms: float
    pool_wait_ms: float
    redis_ms: float
    statements: str
    request_id: str | None
    trace_id: str


class ErrorGroupRow(Row):
    """Errors with the same fingerprint."""

    __slots__ = ()
    fingerprint: str
    code: str
    exception: str | None
    location: str | None
    operation: str | None
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    request_id: str | None


_LIMIT = bindparam("limit", type_=Integer)

# Counts are capped because GraphQL's Int has 32 bits.
# The extension may be installed without the preloaded library, which defines the setting: then its view raises.
slow_queries_available = Query(
    text("""
select to_regclass('pg_stat_statements') is not null
    and current_setting('pg_stat_statements.max', true) is not null as available
"""),
    AvailabilityRow,
    rls_scoped=False,
)
slow_queries = Query(
    text("""
select query, least(calls, 2147483647)::int as calls, mean_exec_time as mean_ms, total_exec_time as total_ms,
    least(rows, 2147483647)::int as rows
from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
order by total_exec_time desc limit :limit
""").bindparams(_LIMIT),
    SlowQueryRow,
    rls_scoped=False,
)

# Primary keys and unique indexes are needed even without scans.
unused_indexes = Query(
    text("""
select relname::text as "table", indexrelname::text as "index", idx_scan as scans,
    least(pg_relation_size(indexrelid), 2147483647)::int as size_bytes
from pg_stat_user_indexes join pg_index using (indexrelid)
where idx_scan = 0 and not indisunique
order by size_bytes desc, indexrelname limit :limit
""").bindparams(bindparam("limit", MAX_UNUSED_INDEXES, type_=Integer)),
    IndexUsageRow,
    rls_scoped=False,
)

latest_slow_operations = Query(
    select(*row_columns(slow_operations, SlowOperationRow))
    .order_by(slow_operations.c.at.desc(), slow_operations.c.id.desc())
    .limit(_LIMIT),
    SlowOperationRow,
    rls_scoped=True,
)

latest_errors = Query(
    select(*row_columns(error_groups, ErrorGroupRow))
    .order_by(error_groups.c.last_seen_at.desc(), error_groups.c.fingerprint)
    .limit(_LIMIT),
    ErrorGroupRow,
    rls_scoped=True,
)
