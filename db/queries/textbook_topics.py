"""Queries for the topics of generated textbooks."""

from sqlalchemy import Text, bindparam, select

from db.core.cache_tags import list_tags
from db.core.statement import Query, Row
from db.queries.expressions import row_columns
from db.tables.textbooks import textbook_topics
from domain.enums import JlptLevel


class TextbookTopicRow(Row):
    """A topic with words of a level. `names`: all names, the English one first."""

    __slots__ = ()
    jlpt_level: JlptLevel
    name: str
    japanese_name: str
    names: list[str]
    keywords: list[str]
    word_count: int


# Parameter: level.
topics_of_level = Query(
    select(*row_columns(textbook_topics, TextbookTopicRow))
    .where(textbook_topics.c.jlpt_level == bindparam("level", type_=Text))
    .order_by(textbook_topics.c.name),
    TextbookTopicRow,
    rls_scoped=False,
    cache_tags=[list_tags("textbookTopics")],
)
