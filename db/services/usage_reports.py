"""Reports on usage for changes of the schema, as the owner of the tables."""

from collections.abc import Sequence

from db.services.owner import checked_owner_connection
from domain.trusted_documents import MAX_DOCUMENTS, RegisteredDocument
from domain.usage import ClientName, ClientUse, UsageKind, UsageReport

_SINCE = "day > (now() at time zone 'UTC')::date - $1::int"
# Constants are put into these statements, never a value.
_DAYS = f"select count(distinct day) from usage_counts where kind = '{UsageKind.REQUEST}' and name = '' and {_SINCE}"  # noqa: S608
_REQUESTS = f"""
    select client, version, sum(count)::bigint from usage_counts
    where kind = '{UsageKind.REQUEST}' and name = '' and {_SINCE}
    group by client, version order by client, version
"""  # noqa: S608
_USES = f"""
    select name, client, version, sum(count)::bigint from usage_counts
    where kind = '{UsageKind.COORDINATE}' and name = any($2::text[]) and {_SINCE}
    group by name, client, version order by name, client, version
"""  # noqa: S608
_DOCUMENTS = """
    select id, text, operation, array_agg(app order by app, version), array_agg(version order by app, version)
    from trusted_documents join app_version_documents on document_id = id join app_versions using (app, version)
    where state <> 'RETIRED' group by id order by id limit $1
"""


async def read_usage(url: str, coordinates: Sequence[str], days: int) -> tuple[UsageReport, list[RegisteredDocument]]:
    """Return the usage of coordinates in the last days, and the documents of versions that are not retired.

    Raises the errors of `checked_owner_connection`.
    """
    async with checked_owner_connection(url) as connection:
        requests = {ClientName(row[0], row[1]): row[2] for row in await connection.fetch(_REQUESTS, days)}
        uses = [
            ClientUse(name, ClientName(client, version), count)
            for name, client, version, count in await connection.fetch(_USES, days, coordinates)
        ]
        documents = [
            RegisteredDocument(id, text, operation, [ClientName(*name) for name in zip(apps, versions, strict=True)])
            for id, text, operation, apps, versions in await connection.fetch(_DOCUMENTS, MAX_DOCUMENTS)
        ]
        return UsageReport(await connection.fetchval(_DAYS, days), requests, uses), documents
