"""Queries for totals of the content."""

from datetime import datetime

from sqlalchemy import select

from db.core.cache_tags import list_tags
from db.core.statement import Query, Row
from db.tables.views import jlpt_content_stats as view
from domain.enums import JlptLevel


class JlptContentStatsRow(Row):
    """Totals of a level as of `refreshed_at`."""

    __slots__ = ()
    jlpt_level: JlptLevel
    book_count: int
    textbook_count: int
    vocabulary_count: int
    kanji_count: int
    refreshed_at: datetime


# N5 first.
jlpt_content_stats = Query(
    select(*view.c).order_by(view.c.jlpt_level.desc()),
    JlptContentStatsRow,
    rls_scoped=False,
    cache_tags=[list_tags("jlptContentStats")],
)
