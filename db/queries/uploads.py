"""Queries for the viewer's uploads."""

from datetime import datetime

from sqlalchemy import BigInteger, cast, func, literal_column, select

from db.core.statement import Query, Row
from db.queries.expressions import IDS, NOW, VIEWER_ID, any_of, row_columns
from db.tables.uploads import uploads
from domain.ids import UploadId


class UploadRow(Row):
    """An upload. `size` and `received`: in bytes. `parts`: keys in the storage."""

    __slots__ = ()
    id: UploadId
    file_name: str
    size: int
    received: int
    parts: list[str]
    expires_at: datetime

    @property
    def is_complete(self) -> bool:
        return self.received == self.size


class UploadUsageRow(Row):
    """Of the viewer's unexpired uploads: bytes, as declared, stored parts, how many are not complete, and when the
    first of them expires.
    """

    __slots__ = ()
    size: int
    parts: int
    unfinished: int
    first_expires_at: datetime | None


# Unexpired ones. Parameters: ids, now.
uploads_by_id = Query(
    select(*row_columns(uploads, UploadRow)).where(
        uploads.c.user_id == VIEWER_ID, any_of(uploads.c.id, IDS), uploads.c.expires_at > NOW
    ),
    UploadRow,
    rls_scoped=True,
)
upload_usage = Query(
    select(
        cast(func.coalesce(func.sum(uploads.c.size), literal_column("0")), BigInteger).label("size"),
        func.coalesce(func.sum(func.cardinality(uploads.c.parts)), literal_column("0")).label("parts"),
        func.count().filter(uploads.c.received < uploads.c.size).label("unfinished"),
        func.min(uploads.c.expires_at).label("first_expires_at"),
    ).where(uploads.c.user_id == VIEWER_ID, uploads.c.expires_at > NOW),
    UploadUsageRow,
    rls_scoped=True,
)
