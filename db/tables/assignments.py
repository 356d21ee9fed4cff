"""What teachers assign to their groups. Row-level security: visible to members, written by teachers."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import Timestamp, id_column, metadata, reference
from domain.groups import MAX_NOTE

CONTENT = {"textbook_id": "textbooks.id", "chapter_id": "chapters.id", "book_id": "books.id"}

assignments = Table(
    "assignments",
    metadata,
    id_column(),
    reference("group_id", "groups.id"),
    *(Column(name, UUID, ForeignKey(target, ondelete="CASCADE")) for name, target in CONTENT.items()),
    Column("note", Text, CheckConstraint(f"length(note) <= {MAX_NOTE}", name="note_length"), nullable=False),
    Column("due_at", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint(f"num_nonnulls({', '.join(CONTENT)}) = 1", name="one_content"),
    Index(None, "group_id", "due_at", "id"),
    *(Index(None, name) for name in CONTENT),
)
