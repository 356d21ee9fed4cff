"""Packages of Anki with a learner's cards and reviews, read back."""

import html
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from content.anki.package import AnkiPackage
from domain.enums import CardState
from domain.imports.records import ImportedNote, ImportedReviewKind
from domain.scheduling.days import study_days
from domain.scheduling.fsrs import RATINGS
from tests.databases import execute
from tests.server.test_exports import REQUEST, export, get
from tests.streams import StreamServer, stream_server

# Cards of all kinds and states: of kanji and of words, with siblings, tags, contexts, flags and unusual log entries.
POPULATE = """
update user_settings set time_zone = 'America/St_Johns', day_starts_at_hour = 3;
insert into cards (id, user_id, vocabulary_id, kind, state, due_at, interval_days, ease_factor, repetitions, lapses,
        created_at)
    select gen_random_uuid(), user_id, vocabulary_id, 'RECALL', 'NEW', now(), 0, 2.5, 0, 0, now() from cards
    where user_id = (select id from users where subject = 'demo') and vocabulary_id is not null order by id limit 5
    on conflict do nothing;
insert into cards (id, user_id, kanji_id, kind, state, due_at, due_day, interval_days, ease_factor, repetitions, lapses,
        stability, difficulty, flag, created_at)
    select gen_random_uuid(), (select id from users where subject = 'demo'), id, 'READING', 'REVIEW',
        now(), current_date + 3, 9, 1.96, 0, 2, 12.3456, 5.678, 3, now() from kanji order by kanji.id limit 2
    on conflict do nothing;
insert into custom_vocabulary (id, user_id, word, reading, meaning, created_at)
    select gen_random_uuid(), id, '自分の言葉', 'じぶんのことば', '', now() from users where subject = 'demo';
insert into cards (id, user_id, custom_vocabulary_id, kind, state, due_at, interval_days, ease_factor, repetitions,
        lapses, created_at)
    select gen_random_uuid(), user_id, id, 'RECOGNITION', 'NEW', now(), 0, 2.5, 0, 0, now() from custom_vocabulary;
update cards set state = 'RELEARNING', due_day = null, due_at = date_trunc('second', now()), interval_days = 1.0 / 144,
        learning_step = 0
    where id = (select card_id from reviews where rescheduled and not undone order by reviewed_at desc limit 1);
update reviews set interval_days_after = 1.0 / 144
    where id = (select id from reviews where rescheduled and not undone order by reviewed_at desc limit 1);
update cards set suspended = true, suspended_as_leech = true
    where id in (select id from cards where state = 'REVIEW' limit 1);
insert into card_tags (card_id, tag, user_id) select id, 'two words <b>', user_id from cards limit 3;
insert into card_contexts (card_id, user_id, text) select id, user_id, 'a < b & c' from cards limit 3;
update reviews set undone = true where id in (select id from reviews where rescheduled order by id limit 2);
update reviews set rescheduled = false where id in (select id from reviews where not undone order by id limit 3);
insert into schedule_changes (id, user_id, card_id, kind, changed_at, day, days, idempotency_key)
    select gen_random_uuid(), user_id, cards.id, 'RESET', now(), current_date, 0, cards.id::text from cards
    where state = 'NEW' limit 2;
"""
CARDS = """
select cards.id, coalesce(vocabulary_id, kanji_id, custom_vocabulary_id)::text as subject,
    coalesce(vocabulary.word, character, own.word) as expression,
    cards.kind, state, due_at, due_day, interval_days, ease_factor, stability, difficulty, lapses, suspended, flag
from cards left join vocabulary on vocabulary.id = vocabulary_id left join kanji on kanji.id = kanji_id
    left join custom_vocabulary own on own.id = custom_vocabulary_id
where cards.user_id = (select id from users where subject = 'demo') and deleted_at is null
"""
REVIEWS = """
select card_id, reviewed_at, quality, interval_days_after, duration_ms, rescheduled
from reviews where user_id = (select id from users where subject = 'demo') and not undone order by reviewed_at, id
"""
MILLISECOND = timedelta(milliseconds=1)
DAYS = study_days("America/St_Johns", 3)


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StreamServer]:
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path) as server:
        yield server


async def rows(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement)
    finally:
        await connection.close()
    return found


def read(content: bytes, directory: Path) -> list[ImportedNote]:
    package = directory / "cards.apkg"
    package.write_bytes(content)
    source = AnkiPackage.open(package, directory, DAYS)
    notes = list(source.notes())
    source.close()
    package.unlink()
    assert not [path for path in directory.iterdir() if path.suffix != ".gz"]
    return [note for note in notes if isinstance(note, ImportedNote)]


async def test_exported_cards_and_reviews_are_read_back(
    server: StreamServer, writable_database_url: str, tmp_path: Path
) -> None:
    await execute(writable_database_url, POPULATE)
    file = await export(server, writable_database_url, tmp_path, kind="CARDS", format="APKG")
    answered = await get(server.client, file["url"], user=None)
    assert answered.headers["content-disposition"] == 'attachment; filename="cards.apkg"'
    assert len(answered.content) == file["sizeBytes"]
    notes = read(answered.content, tmp_path)
    cards = {(note.key, card.kind): (note, card) for note in notes for card in note.cards}
    expected = await rows(writable_database_url, CARDS)
    assert len(cards) == len(expected) == file["rowCount"]
    assert {card.state for _, card in cards.values()} >= set(CardState) - {CardState.LEARNING}
    reviews: dict[Any, list[asyncpg.Record]] = {}
    for review in await rows(writable_database_url, REVIEWS):
        reviews.setdefault(review["card_id"], []).append(review)
    for row in expected:
        note, card = cards[(row["subject"], row["kind"])]
        assert html.unescape(note.fields["Expression"]) == row["expression"]
        check_card(card, row)
        answers = [review for review in card.reviews if review.kind is not ImportedReviewKind.MANUAL]
        for answer, review in zip(answers, reviews.pop(row["id"], []), strict=True):
            # Times of Anki are unique milliseconds.
            assert timedelta() <= answer.reviewed_at - review["reviewed_at"] + MILLISECOND <= 50 * MILLISECOND
            assert answer.rating == RATINGS[review["quality"]] + 1
            assert answer.interval_days == pytest.approx(review["interval_days_after"], abs=1e-5)
            assert answer.duration_ms == (review["duration_ms"] or 0)
            assert (answer.kind is ImportedReviewKind.CRAM) != review["rescheduled"]
    assert not reviews
    assert sum("leech" in note.tags for note in notes) == 1
    assert sum("two_words_<b>" in note.tags for note in notes) in (2, 3)
    assert any(note.fields["Sentence"] == "a &lt; b &amp; c" for note in notes)
    logged = [review.kind for note in notes for card in note.cards for review in card.reviews]
    assert logged.count(ImportedReviewKind.MANUAL) == 2


def check_card(card: Any, row: asyncpg.Record) -> None:
    assert card.state == row["state"]
    assert (card.lapses, card.suspended, card.flag) == (row["lapses"], row["suspended"], row["flag"])
    if row["state"] == "NEW":
        return
    assert card.due_at == (DAYS.start_of(row["due_day"]) if row["due_day"] else row["due_at"])
    assert card.interval_days == pytest.approx(row["interval_days"], abs=1e-5)
    assert card.ease_factor == pytest.approx(row["ease_factor"], abs=0.0005)
    if row["stability"] is not None:
        assert (card.stability, card.difficulty) == (row["stability"], row["difficulty"])


async def test_only_cards_are_exported_as_packages(server: StreamServer, writable_database_url: str) -> None:
    asked = await server.client.run(REQUEST, {"input": {"kind": "REVIEWS", "format": "APKG"}}, user="demo")
    [error] = asked.data["requestExport"]["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["format"])
    assert (await get(server.client, "/exports/cards.apkg")).status_code == 404


async def test_learners_without_cards_get_an_empty_package(
    server: StreamServer, writable_database_url: str, tmp_path: Path
) -> None:
    await execute(writable_database_url, "delete from cards")
    file = await export(server, writable_database_url, tmp_path, kind="CARDS", format="APKG")
    assert file["rowCount"] == 0
    assert not read((await get(server.client, file["url"], user=None)).content, tmp_path)
