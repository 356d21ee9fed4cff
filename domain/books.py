"""The editable fields of a book."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BookValues:
    """`published_at`: None for a book that only editors see. `publish_at`: when such a book is to be published."""

    title: str
    title_reading: str | None
    author: str
    description: str
    jlpt_level: str
    cover_url: str | None
    page_count: int
    original_year: int | None = None
    published_at: datetime | None = None
    publish_at: datetime | None = None
