"""Queries for the viewer's analysed texts and their parts."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import UUID

from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.analyzed_texts import analyzed_text_parts, analyzed_texts
from domain.ids import AnalyzedTextId, JobId


class AnalyzedTextRow(Row):
    """Text whose analysis is complete. `length`: in characters. `word_count`: of occurrences."""

    __slots__ = ()
    id: AnalyzedTextId
    job_id: JobId
    length: int
    part_count: int
    sentence_count: int
    word_count: int
    unknown_word_count: int
    created_at: datetime
    completed_at: datetime


class UnfinishedTextRow(Row):
    """Text and what its parts do not have yet; None if the analysis is complete."""

    __slots__ = ()
    id: AnalyzedTextId
    length: int
    part_count: int
    remaining: str | None


class TextPartRow(Row):
    """A part of an analysed text. `number`: from 1."""

    __slots__ = ()
    parent_id: AnalyzedTextId
    number: int
    text: str


_of_viewer = analyzed_texts.c.user_id == VIEWER_ID
_own_texts = select(*row_columns(analyzed_texts, AnalyzedTextRow)).where(
    _of_viewer, analyzed_texts.c.completed_at.is_not(None)
)

analyzed_texts_by_id = Query(_own_texts.where(any_of(analyzed_texts.c.id, IDS)), AnalyzedTextRow, rls_scoped=True)
analyzed_texts_by_job_id = Query(
    _own_texts.where(any_of(analyzed_texts.c.job_id, IDS)), AnalyzedTextRow, rls_scoped=True
)
# Newest first.
paged_analyzed_texts = PagedQuery(
    _own_texts, Ordering("analyzedText", (analyzed_texts.c.id,), descending=True), AnalyzedTextRow, rls_scoped=True
)
paged_text_parts = NestedPagedQuery(
    select(*row_columns(analyzed_text_parts, TextPartRow)),
    analyzed_text_parts.c.text_id,
    Ordering("analyzedText.parts", (analyzed_text_parts.c.number,)),
    TextPartRow,
    rls_scoped=True,
)

# Parameter: job_id.
unfinished_text = Query(
    select(*row_columns(analyzed_texts, UnfinishedTextRow)).where(
        _of_viewer, analyzed_texts.c.job_id == bindparam("job_id", type_=UUID)
    ),
    UnfinishedTextRow,
    rls_scoped=True,
)
