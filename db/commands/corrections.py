"""Statements that lock and write corrections, and corrected words, sentences and kanji.

The functions that write the dictionary are in db/migrations/versions/0051_corrections.sql.
"""

from sqlalchemy import Integer, SmallInteger, Text, bindparam, cast, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from db.core.advisory_locks import CONTENT_LOCK
from db.core.statement import Command, Row
from db.queries.corrections import CorrectionRow
from db.queries.expressions import IDS, NOW, VIEWER_ID, any_of, row_columns
from db.tables.corrections import corrections
from db.tables.vocabulary import example_sentences
from domain.enums import CorrectionKind, CorrectionState
from domain.ids import VocabularyId


class LockedSentenceRow(Row):
    """An example sentence."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    position: int
    japanese: str
    english: str


_columns = row_columns(corrections, CorrectionRow)
_active = corrections.c.state == literal_column(f"'{CorrectionState.ACTIVE}'")
_ID = bindparam("correction_id", type_=UUID)
_WORD = bindparam("word_id", type_=UUID)
_POSITION = bindparam("position", type_=SmallInteger)

# Loads of the content change the same rows.
lock_content = Command(select(func.pg_advisory_xact_lock_shared(literal_column(str(CONTENT_LOCK)))), Row)

# The active correction of a word, of its sentence or of a kanji. Parameters: kind, object_id, position, null except for
# sentences.
lock_active = Command(
    select(*_columns)
    .where(
        _active,
        corrections.c.kind == bindparam("kind", type_=Text),
        func.coalesce(corrections.c.vocabulary_id, corrections.c.kanji_id) == bindparam("object_id", type_=UUID),
        or_(_POSITION.is_(None), corrections.c.position == _POSITION),
    )
    .with_for_update(),
    CorrectionRow,
)
# Parameter: correction_id.
lock_correction = Command(select(*_columns).where(corrections.c.id == _ID).with_for_update(), CorrectionRow)

# Those of words and sentences, or of kanji, oldest first. Parameter: ids.
_object = func.coalesce(corrections.c.vocabulary_id, corrections.c.kanji_id)
lock_active_of_words, lock_active_of_kanji = (
    Command(
        select(*_columns).where(_active, condition, any_of(_object, IDS)).order_by(corrections.c.id).with_for_update(),
        CorrectionRow,
    )
    for condition in (
        corrections.c.kind != literal_column(f"'{CorrectionKind.KANJI}'"),
        corrections.c.kind == literal_column(f"'{CorrectionKind.KANJI}'"),
    )
)

_JSON = {name: cast(bindparam(name, type_=Text), JSONB) for name in ("corrected", "original")}
# Parameters: correction_id, kind, vocabulary_id, kanji_id, position, sentence, corrected, original, source, note.
insert_correction = Command(
    insert(corrections)
    .values(
        id=_ID,
        kind=bindparam("kind", type_=Text),
        vocabulary_id=bindparam("vocabulary_id", type_=UUID),
        kanji_id=bindparam("kanji_id", type_=UUID),
        position=_POSITION,
        sentence=bindparam("sentence", type_=Text),
        state=literal_column(f"'{CorrectionState.ACTIVE}'"),
        source=bindparam("source", type_=Text),
        note=bindparam("note", type_=Text),
        author_id=VIEWER_ID,
        created_at=NOW,
        updated_at=NOW,
        **_JSON,
    )
    .returning(*_columns),
    CorrectionRow,
)
# Parameters: correction_id, state, position, corrected, original, source, note, author_id.
update_correction = Command(
    update(corrections)
    .values(
        state=bindparam("state", type_=Text),
        position=_POSITION,
        source=bindparam("source", type_=Text),
        note=bindparam("note", type_=Text),
        author_id=bindparam("author_id", type_=UUID),
        version=corrections.c.version + 1,
        updated_at=NOW,
        **_JSON,
    )
    .where(corrections.c.id == _ID)
    .returning(*_columns),
    CorrectionRow,
)

# The sentences of a word in their order. Parameter: word_id.
lock_sentences = Command(
    select(*row_columns(example_sentences, LockedSentenceRow))
    .where(example_sentences.c.vocabulary_id == _WORD)
    .order_by(example_sentences.c.position),
    LockedSentenceRow,
)

# Parameters: word_id, written (JSON), removed_keys, added_keys (JSON).
write_word = Command(
    select(
        func.write_word(
            _WORD,
            cast(bindparam("written", type_=Text), JSONB),
            bindparam("removed_keys", type_=ARRAY(Text)),
            cast(bindparam("added_keys", type_=Text), JSONB),
        )
    ),
    Row,
)
# Parameters: word_id, position, japanese, english; words: null for the next analysis to find; unknown_words.
write_sentence = Command(
    select(
        func.write_sentence(
            _WORD,
            cast(_POSITION, Integer),
            bindparam("japanese", type_=Text),
            bindparam("english", type_=Text),
            bindparam("words", type_=ARRAY(UUID)),
            bindparam("unknown_words", type_=Integer),
        )
    ),
    Row,
)
# Parameters: kanji_id, written (JSON).
write_kanji = Command(
    select(func.write_kanji(bindparam("kanji_id", type_=UUID), cast(bindparam("written", type_=Text), JSONB))), Row
)
