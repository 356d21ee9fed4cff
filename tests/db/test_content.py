"""The loaded content: dictionary, books, textbooks and demo accounts."""

import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

import content
from content.loader import content_id
from content.openjlpt import kanji_of, load_entries
from content.stories import load_stories
from db.core.database import owner_connection
from domain.ids import new_id
from domain.search.folding import fold_japanese
from domain.search.index_keys import READING, SPELLING
from tests.cluster_snapshot import DICTIONARY_SAMPLE
from tests.container import ROOT
from tests.content.jmdict import EVERY, needs_jmdict
from tests.content.kanjivg import needs_kanjivg
from tests.databases import column, execute
from tests.review_assertions import check_learner


async def load(database_url: str, *, demo: bool = True) -> list[str]:
    """Loads the content; returns the reported lines."""
    reports: list[str] = []
    await asyncio.to_thread(content.load, database_url, reports.append, demo=demo)
    return reports


async def test_dictionary_is_complete(owner: Any) -> None:
    levels = await owner.fetch(
        "select jlpt_level, count(*) from vocabulary where jlpt_level is not null group by 1 order by 1 desc"
    )
    assert [tuple(row) for row in levels] == [("N5", 662), ("N4", 626), ("N3", 1616), ("N2", 1703), ("N1", 3044)]
    assert await owner.fetchval("select count(*) from kanji where jlpt_level is not null") == 2211
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
        ("歳", "N1", "さい", "sai", "-years-old"),
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
    assert (found["jlpt_level"], found["grade"], found["frequency"], found["stroke_count"]) == (None, 2, 24, 4)
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


async def test_books_have_vocabulary_of_their_level(owner: Any) -> None:
    books = await owner.fetch(
        "select title, count(*) as words, bool_and(vocabulary.jlpt_level >= books.jlpt_level) as known_level"
        " from books join book_vocabulary on book_id = books.id join vocabulary on vocabulary.id = vocabulary_id"
        " group by books.id"
    )
    assert len(books) == await owner.fetchval("select count(*) from books") >= 60
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


async def test_application_role_cannot_access_content_versions(content_database_url: str) -> None:
    connection = await asyncpg.connect(content_database_url, server_settings={"role": "shinjp_app"})
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select from content_versions")
    finally:
        await connection.close()


async def test_second_load_changes_nothing(content_database_url: str) -> None:
    assert await load(content_database_url) == []


async def all_ids(url: str) -> list[UUID]:
    tables = ("vocabulary", "kanji", "books", "textbooks", "chapters", "users", "cards")
    return sorted(await column(url, " union all ".join(f"select id from {table}" for table in tables)))


async def test_concurrent_loads_load_once(writable_database_url: str) -> None:
    await execute(writable_database_url, "delete from content_versions where name = 'textbooks'")
    first, second = await asyncio.gather(load(writable_database_url), load(writable_database_url))
    assert first + second == ["Loading textbooks …"]


ACCOUNTS = "select subject || role || display_name || time_zone from users join user_settings on user_id = users.id"
REMOVALS = {
    "books": (
        "update books set published_at = null, version = 2",
        "update books set published_at = null",
        "update books set deleted_at = now(), version = 2",
        "update books set deleted_at = now()",
        "delete from books",
    ),
    "textbooks": (
        "update textbooks set is_public = false, version = 2",
        "update textbooks set is_public = false",
        "update textbooks set deleted_at = now(), version = 2",
        "delete from textbooks",
    ),
}
SHOWN = {
    "books": "select id from books where published_at is not null and deleted_at is null order by id",
    "textbooks": "select id from textbooks where is_public and deleted_at is null order by id",
}


@dataclass(frozen=True, slots=True)
class Reload:
    """The rows before everything was loaded again. `remaining`: ids of those that are shown, by table."""

    url: str
    reports: list[str]
    ids: list[UUID]
    accounts: list[str]
    remaining: dict[str, list[UUID]]
    edited_textbook: UUID


@pytest.fixture(scope="module")
async def reload(shared_database_url: str) -> Reload:
    url = shared_database_url
    await execute(
        url,
        "update users set role = 'learner', display_name = 'changed' where subject in ('admin', 'editor');"
        "update users set role = 'admin' where subject = 'demo';"
        "update user_settings set time_zone = 'Europe/Berlin';"
        "update vocabulary set meanings = '{wrong}' where word = '食べる';"
        "update books set title = 'wrong' where title = '桃太郎';"
        "update books set title = 'edited', version = 2 where title = '浦島太郎'",
    )
    remaining: dict[str, list[UUID]] = {}
    for table, removals in REMOVALS.items():
        ids = await column(url, SHOWN[table])
        for removal, id in zip(removals, ids, strict=False):
            await execute(url, f"{removal} where id = '{id}'")
        remaining[table] = ids[len(removals) :]
    [edited, *_] = remaining["textbooks"]
    await execute(
        url,
        f"update textbooks set version = 2 where id = '{edited}';"
        f"update chapters set content = 'edited' where textbook_id = '{edited}';"
        "update content_versions set fingerprint = ''",
    )
    before = (await all_ids(url), sorted(await column(url, ACCOUNTS)))
    return Reload(url, await load(url), *before, remaining, edited)


async def test_changed_content_updates_rows_and_keeps_ids(reload: Reload) -> None:
    assert len(reload.reports) == 7
    assert await all_ids(reload.url) == reload.ids
    [meanings] = await column(reload.url, "select meanings from vocabulary where word = '食べる'")
    assert meanings == ["to eat", "to live on (e.g. a salary)", "to live off", "to subsist on"]
    titles = "select title from books where title in ('wrong', '桃太郎', 'edited', '浦島太郎')"
    assert set(await column(reload.url, titles)) == {"桃太郎", "edited"}


async def test_reload_keeps_changes_of_editors(reload: Reload) -> None:
    """Roles and settings of accounts, and all kinds of changes by editors."""
    assert sorted(await column(reload.url, ACCOUNTS)) == reload.accounts
    for table, ids in reload.remaining.items():
        assert await column(reload.url, SHOWN[table]) == ids
    chapters = f"select distinct content from chapters where textbook_id = '{reload.edited_textbook}'"
    assert await column(reload.url, chapters) == ["edited"]


async def test_existing_account_with_demo_subject_is_not_changed(writable_database_url: str) -> None:
    own = "0199b5a0-0000-7000-8000-000000000001"
    await execute(
        writable_database_url,
        "delete from users where subject = 'demo';"
        f"insert into users (id, subject, email, display_name, role) values ('{own}', 'demo', '', 'x', 'learner');"
        "update content_versions set fingerprint = '' where name = 'people'",
    )
    assert await load(writable_database_url) == ["Loading people …"]
    assert await column(writable_database_url, "select id::text from users where subject = 'demo'") == [own]
    assert await column(writable_database_url, f"select count(*) from cards where user_id = '{own}'") == [0]


@pytest.mark.parametrize("is_own_id", [True, False], ids=["same edition", "other edition"])
async def test_listings_of_one_word_are_merged(writable_database_url: str, is_own_id: bool) -> None:
    """Databases of earlier versions have a word once for each level that lists it, and learners have cards of both."""
    url = writable_database_url
    position = next(position for position, entry in enumerate(load_entries()) if entry.key == ("固い", "かたい", "N2"))
    listed = content_id("vocabulary", "固い かたい N2", position) if is_own_id else new_id()
    async with owner_connection(url) as connection:
        word = await connection.fetchval("select id from vocabulary where word = '堅い'")
        reviewed = await connection.fetch(
            "select cards.id, user_id from cards join users on users.id = user_id"
            " where subject = 'demo' and repetitions > 2 order by cards.id limit 2"
        )
        one, another, learner = reviewed[0]["id"], reviewed[1]["id"], reviewed[0]["user_id"]
        chapter = await connection.fetchval("select chapter_id from chapter_vocabulary limit 1")
        logs = await connection.fetchval("select count(*) from reviews where card_id in ($1, $2)", one, another)
        await connection.execute(
            "insert into vocabulary (id, word, reading, romaji, meanings, jlpt_level, is_common, popularity)"
            " values ($1, '固い', 'かたい', 'katai', '{hard}', 'N2', true, 60)",
            listed,
        )
        await connection.execute("delete from cards where user_id = $1 and vocabulary_id = $2", learner, word)
        await connection.execute("delete from chapter_vocabulary where vocabulary_id = $1", word)
        await connection.execute("update cards set vocabulary_id = $2 where id = $1", one, word)
        await connection.execute("update cards set vocabulary_id = $2, suspended = true where id = $1", another, listed)
        for position, id in ((14, word), (15, listed)):
            await connection.execute("insert into chapter_vocabulary values ($1, $2, $3)", chapter, position, id)
        await connection.execute("update content_versions set fingerprint = '' where name = 'the level words'")
        assert await load(url) == ["Loading the level words …"]
        cards = await connection.fetch("select * from cards where user_id = $1 and vocabulary_id = $2", learner, word)
        assert [card["suspended"] for card in cards] == [False]
        assert await connection.fetchval("select count(*) from cards where id in ($1, $2)", one, another) == 1
        moved = "select count(*) from reviews where card_id = $1"
        assert await connection.fetchval(moved, cards[0]["id"]) == logs
        assert await connection.fetchval("select count(*) from vocabulary where id = $1", listed) == 0
        chapters = "select position from chapter_vocabulary where chapter_id = $1 and vocabulary_id = $2"
        assert [row[0] for row in await connection.fetch(chapters, chapter, word)] == [14]
    assert await check_learner(url, "demo") > 0


async def test_existing_card_keeps_its_id_where_its_word_is_merged(writable_database_url: str) -> None:
    """A learner with a card of one listing only has the same card of the remaining word."""
    url = writable_database_url
    async with owner_connection(url) as connection:
        word = await connection.fetchval("select id from vocabulary where word = '堅い'")
        listed = new_id()
        await connection.execute(
            "insert into vocabulary (id, word, reading, romaji, meanings, jlpt_level, is_common, popularity)"
            " values ($1, '固い', 'かたい', 'katai', '{hard}', 'N2', true, 60)",
            listed,
        )
        await connection.execute("delete from cards where vocabulary_id = $1", word)
        card = await connection.fetchval("select id from cards order by id limit 1")
        await connection.execute("update cards set vocabulary_id = $2 where id = $1", card, listed)
        before = await connection.fetchrow("select * from cards where id = $1", card)
        await connection.execute("update content_versions set fingerprint = '' where name = 'the level words'")
        await load(url)
        after = await connection.fetchrow("select * from cards where id = $1", card)
    assert before is not None
    assert after is not None
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"vocabulary_id", "version", "updated_at"}
    assert after["vocabulary_id"] == word


async def test_dictionary_continues_where_it_was_interrupted(writable_database_url: str) -> None:
    url = writable_database_url
    async with owner_connection(url) as connection:
        words = "select count(*) from vocabulary where jlpt_level is null"
        loaded, total = (
            await connection.fetchval(words),
            await connection.fetchval("select total from content_progress"),
        )
        assert 300 < loaded <= total
        ids = await connection.fetch("select id from vocabulary where jlpt_level is null order by id")
        half = await connection.fetchval(
            "select percentile_disc(0.5) within group (order by jmdict_id) from vocabulary where jlpt_level is null"
        )
        await connection.execute("delete from vocabulary where jlpt_level is null and jmdict_id > $1", half)
        await connection.execute("update content_progress set position = $1", half)
        await connection.execute("delete from content_versions where name = 'the dictionary'")
        # A killed process leaves its transaction without effect: this row is repaired only by a load from the start.
        await connection.execute("update vocabulary set meanings = '{kept}' where jmdict_id = $1", half)
        await load_sample(url)
        assert await connection.fetch("select id from vocabulary where jlpt_level is null order by id") == ids
        assert await connection.fetchval("select meanings from vocabulary where jmdict_id = $1", half) == ["kept"]
        await connection.execute("update content_progress set fingerprint = ''")
        await connection.execute("delete from content_versions where name = 'the dictionary'")
        await load_sample(url)
        assert await connection.fetch("select id from vocabulary where jlpt_level is null order by id") == ids
        assert await connection.fetchval("select meanings from vocabulary where jmdict_id = $1", half) != ["kept"]
        assert await load_sample(url) == []


async def test_dictionary_is_loaded_after_a_kill(writable_database_url: str) -> None:
    """All of it in `make fuzz`. Another process continues; two of them load everything once."""
    url, size = writable_database_url, 40_000 if EVERY == 1 else 500
    await execute(url, "delete from content_versions where name = 'the dictionary'; delete from content_progress")
    arguments = f"{url!r}, lambda text: print(text, flush=True), every={EVERY}, batch_size={size}"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"import content; content.load_dictionary({arguments})",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).startswith(b"Loading the dictionary: ")
    process.kill()
    await process.wait()
    loaded = "select loaded from content_progress"
    [before] = await column(url, loaded)
    reports: list[str] = []
    first, second = (
        asyncio.to_thread(content.load_dictionary, url, reports.append, every=EVERY, batch_size=size) for _ in range(2)
    )
    await asyncio.gather(first, second)
    assert reports[0] == f"Loading the dictionary: {before + size:,} of {1 + 191_540 // EVERY:,} entries …"
    assert sum(report.startswith("Loaded the dictionary") for report in reports) == 1
    # Each entry is there once: as a word of the lists, or loaded now.
    assert await column(
        url, "select count(*) - count(distinct jmdict_id) from vocabulary where jlpt_level is null"
    ) == [0]
    without = "select count(*) from vocabulary where not exists (select from {} where vocabulary_id = vocabulary.id)"
    for table in ("vocabulary_forms", "vocabulary_senses"):
        assert await column(url, without.format(table)) == [0]
    if EVERY == 1:
        assert await column(url, "select count(*) from vocabulary where jmdict_id is not null") == [191_541]


async def load_sample(database_url: str) -> list[str]:
    """Load the entries that the template has, and return what was reported."""
    reports: list[str] = []
    await asyncio.to_thread(content.load_dictionary, database_url, reports.append, **DICTIONARY_SAMPLE)
    return reports
