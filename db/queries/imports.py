"""Queries for the viewer's imports, and for the entries of the dictionary that words of a source have."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, Text, bindparam, case, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, is_in_kana, row_columns
from db.tables.imports import import_keys, import_reports, imports
from db.tables.jobs import jobs
from db.tables.vocabulary import kanji, vocabulary
from domain.enums import ImportSourceKind, ImportStatus, JobStatus
from domain.ids import CardId, ImportId, JobId, KanjiId, UploadId, VocabularyId


class ImportRow(Row):
    """An import. `analysis`, `mapping` and `counts` are JSON as text. `position`: number of imported notes."""

    __slots__ = ()
    id: ImportId
    source: ImportSourceKind
    file_name: str
    upload_id: UploadId | None
    job_id: JobId | None
    analysis: str | None
    mapping: str | None
    position: int
    counts: str
    created_at: datetime
    finished_at: datetime | None
    status: ImportStatus


class ImportedCardRow(Row):
    """The card of an imported note."""

    __slots__ = ()
    note_key: str
    ordinal: int
    card_id: CardId


class CandidateRow(Row):
    """An entry that a form has. `number`: of the form, from 1."""

    __slots__ = ()
    number: int
    id: VocabularyId
    word: str
    reading: str
    has_reading: bool


class KanjiOfNoteRow(Row):
    """A kanji."""

    __slots__ = ()
    id: KanjiId
    character: str


class KanaWordRow(Row):
    """A word."""

    __slots__ = ()
    id: VocabularyId


class ReportRow(Row):
    """A part of a report: compressed CSV."""

    __slots__ = ()
    position: int
    content: bytes


_running = any_of(imports.c.status, literal_column(f"'{{{ImportStatus.ANALYZING},{ImportStatus.IMPORTING}}}'::text[]"))
_stopped = any_of(jobs.c.status, literal_column(f"'{{{JobStatus.FAILED},{JobStatus.CANCELLED}}}'::text[]"))
# An import whose job is purged or failed does not continue.
_status = case(
    (_running & or_(jobs.c.id.is_(None), _stopped), literal_column(f"'{ImportStatus.FAILED}'")),
    else_=imports.c.status,
).label("status")
_own = (
    select(*row_columns(imports, ImportRow)[:-1], _status)
    .select_from(imports.outerjoin(jobs, jobs.c.id == imports.c.job_id))
    .where(imports.c.user_id == VIEWER_ID)
)
imports_by_id = Query(_own.where(any_of(imports.c.id, IDS)), ImportRow, rls_scoped=True)
# Newest first.
paged_imports = PagedQuery(_own, Ordering("import", (imports.c.id,), descending=True), ImportRow, rls_scoped=True)

# Parameters: source, note_keys.
cards_by_note_key = Query(
    select(*row_columns(import_keys, ImportedCardRow)).where(
        import_keys.c.user_id == VIEWER_ID,
        import_keys.c.source == bindparam("source", type_=Text),
        any_of(import_keys.c.note_key, bindparam("note_keys", type_=ARRAY(Text))),
    ),
    ImportedCardRow,
    rls_scoped=True,
)

# The best entries of each form, by the keys of `form_keys`; a reading key of '' asks for no reading.
# Readings are looked up one by one: for `exists` PostgreSQL may read all keys into a hash table, which takes half a
# second for each thousand words.
# Parameters: spelling_keys, kana_keys, reading_keys.
candidates = Query(
    text(
        """
        select wanted.number::int as number, vocabulary.id, vocabulary.word, vocabulary.reading,
            wanted.reading_key <> '' and coalesce((
                select true from search_keys as read
                where read.key = wanted.reading_key and read.vocabulary_id = vocabulary.id limit 1
            ), false) as has_reading
        from unnest(:spelling_keys, :kana_keys, :reading_keys) with ordinality
            as wanted (spelling_key, kana_key, reading_key, number)
        cross join lateral (
            select found.vocabulary_id, max(found.score) as score from (
                (select vocabulary_id, score from search_keys where search_keys.key = wanted.spelling_key
                    order by search_keys.key, score desc limit 40)
                union all
                (select vocabulary_id, score from search_keys where search_keys.key = wanted.kana_key
                    order by search_keys.key, score desc limit 40)
            ) as found group by found.vocabulary_id
        ) as hits join vocabulary on vocabulary.id = hits.vocabulary_id
        order by wanted.number, hits.score desc, vocabulary.id
        """
    )
    .bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in ("spelling_keys", "kana_keys", "reading_keys")))
    .columns(number=Integer, id=UUID, word=Text, reading=Text, has_reading=Boolean),
    CandidateRow,
    rls_scoped=False,
)

# Parameter: characters.
kanji_by_characters = Query(
    select(*row_columns(kanji, KanjiOfNoteRow)).where(
        any_of(kanji.c.character, bindparam("characters", type_=ARRAY(Text)))
    ),
    KanjiOfNoteRow,
    rls_scoped=False,
)

kana_words = Query(
    select(vocabulary.c.id).where(any_of(vocabulary.c.id, IDS), is_in_kana(vocabulary)),
    KanaWordRow,
    rls_scoped=False,
)

# In order. Parameters: import_id, after.
reports = Query(
    select(*row_columns(import_reports, ReportRow))
    .where(
        import_reports.c.user_id == VIEWER_ID,
        import_reports.c.import_id == bindparam("import_id", type_=UUID),
        import_reports.c.position > bindparam("after", type_=Integer),
    )
    .order_by(import_reports.c.position)
    .limit(literal_column("20")),
    ReportRow,
    rls_scoped=True,
)
