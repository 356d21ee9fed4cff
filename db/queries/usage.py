"""Queries about the usage of the schema, for administrators."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.statement import Query, Row
from db.queries.expressions import any_of
from db.tables.usage import usage_counts
from domain.list_sizes import MAX_DEPRECATED_USAGES, MAX_SCHEMA_USAGES
from domain.usage import UsageKind

# What an `Int` of GraphQL can be.
_MAX_COUNT = 2**31 - 1


class DeprecatedUsageRow(Row):
    """The usage of a deprecated part of the schema by a client, in all of its versions."""

    __slots__ = ()
    coordinate: str
    client: str
    count: int
    last_seen_at: datetime


class SchemaUsageRow(Row):
    """The usage of a part of the schema by a version of a client."""

    __slots__ = ()
    client: str
    version: str
    count: int
    last_used_on: date


_counts = usage_counts.c
_count = cast(func.least(func.sum(_counts.count), _MAX_COUNT), BigInteger)
_days = (_counts.kind == UsageKind.COORDINATE.value, _counts.day > bindparam("after_day", type_=Date))

deprecated_usage = Query(
    select(
        _counts.name.label("coordinate"),
        _counts.client,
        _count.label("count"),
        func.max(_counts.last_used_at).label("last_seen_at"),
    )
    .where(*_days, any_of(_counts.name, bindparam("coordinates", type_=ARRAY(Text))))
    .group_by(_counts.name, _counts.client)
    .order_by(_count.desc(), _counts.name, _counts.client)
    .limit(MAX_DEPRECATED_USAGES),
    DeprecatedUsageRow,
    rls_scoped=True,
)

schema_usage = Query(
    select(_counts.client, _counts.version, _count.label("count"), func.max(_counts.day).label("last_used_on"))
    .where(*_days, _counts.name == bindparam("coordinate", type_=Text))
    .group_by(_counts.client, _counts.version)
    .order_by(_count.desc(), _counts.client, _counts.version)
    .limit(MAX_SCHEMA_USAGES),
    SchemaUsageRow,
    rls_scoped=True,
)
