"""The editable fields of a book."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BookValues:
    """`published_at`: None for a book that only editors see."""

    title: str
    title_reading: str | None
    author: str
    description: str
    jlpt_level: str
    cover_url: str | None
    page_count: int
    published_at: datetime | None = None
