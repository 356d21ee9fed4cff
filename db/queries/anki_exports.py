"""Queries for exports to packages of Anki. They are read with a cursor."""

from datetime import date, datetime

from sqlalchemy import bindparam, text

from db.core.statement import Query, Row
from db.queries.exported_changes import CHANGES_OF_CARD
from db.queries.expressions import VIEWER_ID
from db.tables.base import Timestamp
from domain.enums import CardKind, CardState
from domain.ids import BookId, CardId

_SINCE = bindparam("since", type_=Timestamp)
_UNTIL = bindparam("until", type_=Timestamp)


class AnkiCardRow(Row):
    """A card with its word, own word or kanji.

    Cards of one subject follow each other, in the order of the first one's creation. `readings`: of a word one.
    `is_kanji`, `is_own_word`: what the subject is. `review_count`: all of the card's.
    `answers`: the quality and the microseconds of each review as seven digits, in order. `changes`: JSON as text.
    """

    __slots__ = ()
    id: CardId
    subject_id: str
    is_kanji: bool
    is_own_word: bool
    expression: str
    readings: list[str]
    meanings: list[str]
    level: str | None
    context: str | None
    context_book_id: BookId | None
    context_page: int | None
    tags: list[str]
    kind: CardKind
    state: CardState
    due_at: datetime
    due_day: date | None
    interval_days: float
    ease_factor: float
    stability: float | None
    difficulty: float | None
    learning_step: int | None
    repetitions: int
    lapses: int
    suspended: bool
    suspended_as_leech: bool
    dismissed_leech_marks: int
    flag: int
    review_count: int
    answers: str
    first_reviewed_at: datetime | None
    last_reviewed_at: datetime | None
    last_reviewed_day: date | None
    changes: str | None
    created_at: datetime
    subject_created_at: datetime


class AnkiLogRow(Row):
    """A review or a reset of a card, in the order of time. A reset has no quality."""

    __slots__ = ()
    card_id: CardId
    at: datetime
    quality: int | None
    interval_days_before: float
    interval_days_after: float
    duration_ms: int | None
    rescheduled: bool


anki_cards = Query(
    text(
        """
select cards.id, coalesce(vocabulary.id, kanji.id, own.id)::text as subject_id, kanji.id is not null as is_kanji,
    own.id is not null as is_own_word,
    coalesce(vocabulary.word, kanji.character, own.word) as expression,
    coalesce(kanji.onyomi || kanji.kunyomi, array_remove(array[vocabulary.reading, own.reading], null)) as readings,
    coalesce(vocabulary.meanings, kanji.meanings, array_remove(array[own.meaning], null)) as meanings,
    coalesce(vocabulary.jlpt_level, kanji.jlpt_level) as level,
    met.text as context, met.book_id as context_book_id, met.page as context_page,
    array(select tag from card_tags where card_id = cards.id and user_id = :viewer_id order by tag) as tags,
    cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability,
    cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.suspended_as_leech,
    cards.dismissed_leech_marks, cards.flag,
    logged.review_count, logged.answers,
    cards.first_reviewed_at, cards.last_reviewed_at, cards.last_reviewed_day, __CHANGES__::text as changes,
    cards.created_at,
    min(cards.created_at) over (partition by coalesce(vocabulary.id, kanji.id, own.id)) as subject_created_at
from cards left join vocabulary on vocabulary.id = vocabulary_id left join kanji on kanji.id = kanji_id
    left join custom_vocabulary own on own.id = custom_vocabulary_id and own.user_id = :viewer_id
    left join card_contexts met on met.card_id = cards.id and met.user_id = :viewer_id
    cross join lateral (
        select count(*) filter (where rescheduled) as review_count,
            coalesce(string_agg(
                quality || to_char(extract(microseconds from reviewed_at)::int % 1000000, 'FM000000'), ''
                order by reviewed_at, quality
            ), '') as answers
        from reviews where card_id = cards.id and user_id = :viewer_id and not undone
    ) as logged
where cards.user_id = :viewer_id and cards.deleted_at is null
    and cards.created_at >= :since and cards.created_at < :until
order by subject_created_at, subject_id, cards.kind
""".replace("__CHANGES__", CHANGES_OF_CARD)
    ).bindparams(VIEWER_ID, _SINCE, _UNTIL),
    AnkiCardRow,
    rls_scoped=True,
)

anki_log = Query(
    text("""
select reviews.card_id, reviewed_at as at, quality, interval_days_before, interval_days_after, duration_ms, rescheduled
from reviews join cards on cards.id = reviews.card_id
where reviews.user_id = :viewer_id and not undone and cards.user_id = :viewer_id and cards.deleted_at is null
    and cards.created_at >= :since and cards.created_at < :until
union all
select card_id, changed_at, null, 0, 0, null, true
from schedule_changes join cards on cards.id = card_id
where schedule_changes.user_id = :viewer_id and schedule_changes.kind = 'RESET' and not undone
    and cards.user_id = :viewer_id and cards.deleted_at is null
    and cards.created_at >= :since and cards.created_at < :until
order by at, card_id, quality
""").bindparams(VIEWER_ID, _SINCE, _UNTIL),
    AnkiLogRow,
    rls_scoped=True,
)
