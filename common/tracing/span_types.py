"""The types of spans, with the attributes of OpenTelemetry's conventions."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class SpanKind(IntEnum):
    """OpenTelemetry's numbers."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    CONSUMER = 5


class SpanType(NamedTuple):
    """`attributes`: of all spans. `name_attribute`, `detail_attribute`: contain the name and the detail of a span."""

    kind: SpanKind = SpanKind.INTERNAL
    attributes: Mapping[str, str] = {}
    name_attribute: str | None = None
    detail_attribute: str | None = None


# Roots of traces.
REQUEST = SpanType(SpanKind.SERVER)
EVENT = SpanType(SpanKind.SERVER)
JOB = SpanType(SpanKind.CONSUMER, {"messaging.system": "pgqueuer", "messaging.operation.type": "process"})
WEBHOOK = SpanType(SpanKind.CLIENT, {"http.request.method": "POST"})

PARSE = SpanType(attributes={"graphql.processing.type": "parse"})
VALIDATE = SpanType(attributes={"graphql.processing.type": "validate"})
PLAN = SpanType(attributes={"graphql.processing.type": "plan"})
EXECUTE = SpanType(attributes={"graphql.processing.type": "execute"})
# A resolver, if spans of fields are requested.
FIELD = SpanType(attributes={"graphql.processing.type": "resolve"}, name_attribute="graphql.field.coordinates")
ENCODE = SpanType(detail_attribute="shinjp.response.bytes")
# A document that is new to the process, including the wait for its turn.
DOCUMENT = SpanType()
LOADER = SpanType(detail_attribute="shinjp.loader.keys")

_POSTGRESQL = {"db.system.name": "postgresql"}
STATEMENT = SpanType(SpanKind.CLIENT, _POSTGRESQL, "db.query.summary", "db.response.returned_rows")
# Begin and commit.
TRANSACTION = SpanType(SpanKind.CLIENT, _POSTGRESQL, "db.operation.name")
# The wait for a connection of the pool.
POOL_WAIT = SpanType(attributes=_POSTGRESQL)
# The wait for a batch of look-ups, which is in no trace itself.
ACCOUNT = SpanType(attributes=_POSTGRESQL)
REDIS = SpanType(SpanKind.CLIENT, {"db.system.name": "redis"}, "db.operation.name", "db.operation.batch.size")
MODEL = SpanType(SpanKind.CLIENT, {"gen_ai.operation.name": "chat"}, None, "gen_ai.request.model")
