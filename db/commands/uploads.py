"""Statements that create, continue and delete uploads."""

from sqlalchemy import BigInteger, Text, bindparam, delete, func, insert, update
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.statement import Command
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.uploads import UploadRow
from db.tables.base import Timestamp
from db.tables.uploads import uploads

_ID = bindparam("id", type_=UuidType)

# Parameters: id, file_name, size, expires_at, viewer_id, now.
insert_upload = Command(
    insert(uploads)
    .values(
        id=_ID,
        user_id=VIEWER_ID,
        file_name=bindparam("file_name", type_=Text),
        size=bindparam("size", type_=BigInteger),
        created_at=NOW,
        expires_at=bindparam("expires_at", type_=Timestamp),
    )
    .returning(*row_columns(uploads, UploadRow)),
    UploadRow,
)

_OFFSET = bindparam("offset", type_=BigInteger)
# Adds a part if the upload is still at the offset: of two concurrent requests one wins.
# Parameters: id, offset, part, added, now.
add_part = Command(
    update(uploads)
    .values(
        received=_OFFSET + bindparam("added", type_=BigInteger),
        parts=func.array_append(uploads.c.parts, bindparam("part", type_=Text)),
    )
    .where(
        uploads.c.id == _ID, uploads.c.user_id == VIEWER_ID, uploads.c.received == _OFFSET, uploads.c.expires_at > NOW
    )
    .returning(*row_columns(uploads, UploadRow)),
    UploadRow,
)

# Parameter: id.
delete_upload = Command(
    delete(uploads)
    .where(uploads.c.id == _ID, uploads.c.user_id == VIEWER_ID)
    .returning(*row_columns(uploads, UploadRow)),
    UploadRow,
)
