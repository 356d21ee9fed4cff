"""Statistics of the content."""

from datetime import datetime

import strawberry

from domain.enums import JlptLevel
from schema.cache_control import STATISTICS


@strawberry.type(description="Content statistics of a level.", directives=[STATISTICS])
class JlptContentStats:
    jlpt_level: JlptLevel = strawberry.field(description="The level.")
    book_count: int = strawberry.field(description="Published books.")
    textbook_count: int = strawberry.field(description="Public textbooks.")
    vocabulary_count: int = strawberry.field(description="Words.")
    kanji_count: int = strawberry.field(description="Kanji.")
    refreshed_at: datetime = strawberry.field(description="When the statistics were refreshed.")
