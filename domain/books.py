"""What editors write of a book."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BookValues:
    """All of it. `published_at` is None for a book that only editors see."""

    title: str
    title_reading: str | None
    author: str
    description: str
    jlpt_level: str
    cover_url: str | None
    page_count: int
    published_at: datetime | None = None
