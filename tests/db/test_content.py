"""The loaded content: dictionary, books, textbooks and demo accounts."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from content.jmdict import database_path
from content.openjlpt import kanji_of
from content.stories import load_stories
from domain.search.folding import fold_japanese
from domain.search.index_keys import READING, SPELLING
from tests.content.jmdict import needs_jmdict
from tests.content.kanjivg import needs_kanjivg


async def test_dictionary_is_complete(owner: Any) -> None:
    levels = await owner.fetch(
        "select jlpt_level, count(*) from vocabulary where jlpt_level is not null group by 1 order by 1 desc"
    )
    assert [tuple(row) for row in levels] == [("N5", 743), ("N4", 716), ("N3", 1754), ("N2", 1839), ("N1", 3007)]
    of_levels = await owner.fetchval("select count(*) from kanji where jlpt_level is not null")
    # KANJIDIC has 19 that the list lacks.
    assert of_levels == (2_211 if database_path() is None else 2_230)
    assert await owner.fetchval("select count(*) from example_sentences") > 13_800


async def test_every_word_has_a_reading(owner: Any) -> None:
    broken = await owner.fetch(
        "select word, reading, romaji, meanings from vocabulary where jlpt_level is not null"
        " and (reading !~ '^[ぁ-ゖァ-ヶー]+$' or romaji !~ '^[a-z'']+$')"
        " or reading !~ '^[ぁ-ゖァ-ヶー・〜ゝゞヽヾ]+$' or meanings = '{}' or '' = any(meanings)"
    )
    assert broken == []


@pytest.mark.parametrize(
    ("word", "level", "reading", "romaji", "meaning"),
    [
        ("食べる", "N5", "たべる", "taberu", "to eat"),
        ("何", "N5", "なん", "nan", "what"),
        ("いい", "N5", "いい", "ii", "good"),
        ("パーティー", "N5", "パーティー", "paatii", "party (gathering, celebration, etc.)"),
        ("マッチ", "N5", "マッチ", "matchi", "match (to light fire with)"),
        ("運転", "N4", "うんてん", "unten", "operation (of a machine, etc.)"),
        ("堅い", "N4", "かたい", "katai", "hard"),
        ("賛成", "N3", "さんせい", "sansei", "approval"),
        ("暖かい", "N5", "あたたかい", "atatakai", "warm"),
        ("トン", "N3", "トン", "ton", "ton (now usu. a metric ton, i.e. 1,000kg)"),
        ("うん", "N4", "うん", "un", "yes"),
        ("上げる", "N5", "あげる", "ageru", "to raise"),
        ("対立", "N2", "たいりつ", "tairitsu", "confrontation"),
        ("刷る", "N2", "する", "suru", "to print"),
        ("ありがとう", "N5", "ありがとう", "arigatou", "thank you"),
        ("分", "N5", "ふん", "fun", "minute (unit of time)"),
        ("枚", "N5", "まい", "mai", "counter for flat objects (e.g. sheets of paper)"),
        ("歳", "N5", "さい", "sai", "-years-old"),
    ],
)
async def test_errors_of_the_source_are_corrected(
    owner: Any, word: str, level: str, reading: str, romaji: str, meaning: str
) -> None:
    found = await owner.fetchrow(
        "select reading, romaji, meanings[1] from vocabulary where word = $1 and jlpt_level = $2", word, level
    )
    assert tuple(found) == (reading, romaji, meaning)


@pytest.mark.parametrize(
    ("word", "other"), [("何", "なに"), ("いい", "よい"), ("丸い", "円い"), ("キロ", "キログラム")]
)
async def test_search_finds_other_spellings_and_readings(owner: Any, word: str, other: str) -> None:
    assert await owner.fetchval(
        "select bool_or(key = any($2)) from search_keys join vocabulary on vocabulary.id = vocabulary_id"
        " where word = $1",
        word,
        [SPELLING + fold_japanese(other), READING + fold_japanese(other)],
    )


async def test_kanji_of_word_are_in_order_without_duplicates(owner: Any) -> None:
    characters = await owner.fetch(
        "select character from vocabulary_kanji join kanji on kanji.id = kanji_id"
        " join vocabulary on vocabulary.id = vocabulary_id where word = '日曜日' order by position"
    )
    assert [row["character"] for row in characters] == ["日", "曜"]


@needs_jmdict
async def test_every_kanji_of_every_word_is_in_the_dictionary(owner: Any) -> None:
    """In the order of the word."""
    words = await owner.fetch("""
        select word, array(
            select character from vocabulary_kanji join kanji on kanji.id = kanji_id
            where vocabulary_id = vocabulary.id order by position
        ) as kanji from vocabulary
    """)
    assert len(words) > 8000
    assert [row["word"] for row in words if row["kanji"] != kanji_of(row["word"])] == []


@needs_kanjivg
async def test_strokes_have_the_number_of_kanjidic(owner: Any) -> None:
    counts = await owner.fetch("""
        select stroke_count, count(path) as drawn, jlpt_level
        from kanji left join kanji_strokes on kanji_id = id group by id
    """)
    drawn = [row for row in counts if row["drawn"]]
    assert all(row["drawn"] for row in counts if row["jlpt_level"])
    assert len(drawn) > 0.9 * len(counts)
    assert sum(row["drawn"] == row["stroke_count"] for row in drawn) > 0.98 * len(drawn)


@needs_jmdict
@needs_kanjivg
async def test_kanji_have_what_their_sources_say(owner: Any) -> None:
    found = await owner.fetchrow("select * from kanji where character = '分'")
    assert (found["jlpt_level"], found["grade"], found["frequency"], found["stroke_count"]) == ("N5", 2, 24, 4)
    assert found["meanings"][:2] == ["part", "minute of time"]
    assert found["kunyomi"][0] == "わ.ける"
    assert (found["nanori"], found["radical"], found["components"]) == (["いた", "わけ"], "刀", ["八", "刀"])
    assert await owner.fetchval("select variants from kanji where character = '国'") == ["國", "圀"]


async def test_content_ids_are_deterministic(owner: Any) -> None:
    assert await owner.fetchval("select id from vocabulary where word = '食べる'") == UUID(
        "019b76da-a659-70f9-9b92-23275279098b"
    )


async def test_first_word_of_level_has_the_newest_id(owner: Any) -> None:
    assert await owner.fetchval("select jlpt_level from vocabulary order by id desc limit 1") == "N5"
    assert (
        await owner.fetchval("select jlpt_level from vocabulary where jlpt_level is not null order by id limit 1")
        == "N1"
    )


async def test_books_without_text_have_vocabulary_of_their_level(owner: Any) -> None:
    books = await owner.fetch(
        "select title, count(*) as words, bool_and(vocabulary.jlpt_level >= books.jlpt_level) as known_level"
        " from books join book_vocabulary on book_id = books.id join vocabulary on vocabulary.id = vocabulary_id"
        " where not has_text group by books.id"
    )
    assert len(books) == await owner.fetchval("select count(*) from books where not has_text") >= 60
    assert [book["title"] for book in books if not 20 <= book["words"] <= 60 or not book["known_level"]] == []


async def test_graded_readers_are_the_newest_books(owner: Any) -> None:
    """A newcomer finds them first, the easiest before others, in the list of new books and in that by level."""
    stories = load_stories()
    newest = await owner.fetch("select title, has_text from books order by created_at desc, id desc")
    assert [book["title"] for book in newest[: len(stories)]] == [story.title for story in stories]
    assert [book["has_text"] for book in newest] == [index < len(stories) for index in range(len(newest))]
    by_level = await owner.fetch("select has_text from books where jlpt_level = 'N5' order by id desc")
    assert [book["has_text"] for book in by_level] == sorted((book["has_text"] for book in by_level), reverse=True)


async def test_pages_have_the_text_and_readings_of_the_story(owner: Any) -> None:
    for story in load_stories():
        pages = await owner.fetch(
            "select number, text, ruby, page_count from book_pages join books on books.id = book_id"
            " where title = $1 and author = $2 order by number",
            story.title,
            story.author,
        )
        assert [page["number"] for page in pages] == list(range(1, pages[0]["page_count"] + 1))
        source = "\n\n".join(story.paragraphs)
        assert "".join(page["text"] for page in pages) == re.sub(r"《[^》]*》|｜", "", source)
        readings = [
            (page["text"][start : start + length], reading)
            for page in pages
            for start, length, reading in orjson.loads(page["ruby"])
        ]
        assert readings == [
            (marked or kanji, reading)
            for marked, kanji, reading in re.findall(r"(?:｜([^《]+)|([一-龥々]+))《([^》]+)》", source)
        ]


async def test_words_of_the_title_come_first(owner: Any) -> None:
    words = await owner.fetch(
        "select word from book_vocabulary join vocabulary on vocabulary.id = vocabulary_id"
        " join books on books.id = book_id where title = '注文の多い料理店' order by position limit 3"
    )
    assert [row["word"] for row in words] == ["注文", "多い", "料理"]


async def test_every_level_has_textbooks_with_full_chapters(owner: Any) -> None:
    chapters = await owner.fetch(
        "select jlpt_level, textbook_id, count(*) as words, min(length(content)) as length"
        " from textbooks join chapters on textbook_id = textbooks.id"
        " join chapter_vocabulary on chapter_id = chapters.id"
        " where is_public and status = 'READY' group by jlpt_level, textbook_id, chapters.id"
    )
    assert {row["jlpt_level"] for row in chapters} == {"N5", "N4", "N3", "N2", "N1"}
    assert all(12 <= row["words"] <= 20 and row["length"] > 1000 for row in chapters)


async def test_demo_accounts_have_roles_and_settings(owner: Any) -> None:
    people = await owner.fetch(
        "select subject, role, time_zone from users join user_settings on user_id = users.id"
        # Other tests may have signed in further accounts.
        " where email like '%@shinjp.example' order by subject"
    )
    assert [tuple(row) for row in people] == [
        ("admin", "admin", "UTC"),
        ("demo", "learner", "Asia/Tokyo"),
        ("editor", "editor", "UTC"),
    ]


async def test_application_role_cannot_change_content_versions(content_database_url: str) -> None:
    connection = await asyncpg.connect(content_database_url, server_settings={"role": "shinjp_app"})
    try:
        for change in ("delete from content_versions", "update content_versions set fingerprint = ''"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    finally:
        await connection.close()
