"""Queries for corrections of the dictionary."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Text, func, literal_column, select

from db.core.cache_tags import entity_tags
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.tables.corrections import corrections
from domain.enums import CorrectionKind, CorrectionState
from domain.ids import CorrectionId, KanjiId, UserId, VocabularyId
from domain.list_sizes import MAX_CORRECTIONS


class CorrectionRow(Row):
    """A correction. `corrected` and `original` are JSON as text, with the same fields."""

    __slots__ = ()
    id: CorrectionId
    kind: CorrectionKind
    vocabulary_id: VocabularyId | None
    kanji_id: KanjiId | None
    position: int | None
    sentence: str | None
    corrected: str
    original: str
    state: CorrectionState
    source: str
    note: str | None
    author_id: UserId | None
    version: int
    created_at: datetime
    updated_at: datetime


class ObjectCorrectionRow(CorrectionRow):
    """A correction of one of several words or kanji."""

    __slots__ = ()
    parent_id: UUID


_columns = row_columns(corrections, CorrectionRow)

corrections_by_id = Query(
    select(*_columns).where(any_of(corrections.c.id, IDS)), CorrectionRow, rls_scoped=False, cache_tags=[]
)


def _newest(parent: Column[UUID] | ColumnElement[UUID], entity: str) -> Query[ObjectCorrectionRow]:
    """The active corrections of each object, then the newest others. Parameter: ids.

    An editor needs the version of an active one, however many others there are.
    """
    order = ((corrections.c.state == literal_column("'ACTIVE'")).desc(), corrections.c.id.desc())
    rank = func.row_number().over(partition_by=parent, order_by=order).label("rank")
    ranked = select(*_columns, parent.label("parent_id"), rank).where(any_of(parent, IDS)).subquery("ranked")
    return Query(
        select(*(column for column in ranked.c if column.name != "rank"))
        .where(ranked.c.rank <= MAX_CORRECTIONS)
        .order_by(ranked.c.parent_id, ranked.c.rank),
        ObjectCorrectionRow,
        rls_scoped=False,
        cache_tags=[entity_tags(entity)],
    )


corrections_by_vocabulary_id = _newest(corrections.c.vocabulary_id, "Vocabulary")
corrections_by_kanji_id = _newest(corrections.c.kanji_id, "Kanji")


@dataclass
class CorrectionFilter(ListFilter):
    """Filters of the list of corrections."""

    kind: CorrectionKind | None = filter_field(
        Filter(
            "Filter by what is corrected.",
            lambda corrections, kind: corrections.c.kind == kind,
            Text,
            lambda _, kind: kind.value,
        )
    )
    state: CorrectionState | None = filter_field(
        Filter(
            "Filter by state.",
            lambda corrections, state: corrections.c.state == state,
            Text,
            lambda _, state: state.value,
        )
    )


@cache_by_variant
def paged_corrections(filter: CorrectionFilter) -> PagedQuery[CorrectionRow]:
    """All corrections, newest first. Parameters: those of the filter."""
    return PagedQuery(
        filter.apply(select(*_columns), corrections),
        Ordering("corrections", (corrections.c.id,), descending=True),
        CorrectionRow,
        rls_scoped=False,
    )
