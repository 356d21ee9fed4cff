"""The loaded content: dictionary, books, textbooks and demo accounts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import content
from db.core.database import owner_connection
from domain.search_terms import search_query
from tests.databases import column, execute
from tests.processes import shinjp


async def load(database_url: str, *, demo: bool = True) -> list[str]:
    """Loads the content; returns the reported lines."""
    reports: list[str] = []
    await asyncio.to_thread(content.load, database_url, reports.append, demo=demo)
    return reports


async def test_dictionary_is_complete(owner: Any) -> None:
    levels = await owner.fetch("select jlpt_level, count(*) from vocabulary group by 1 order by 1 desc")
    assert [tuple(row) for row in levels] == [("N5", 661), ("N4", 632), ("N3", 1784), ("N2", 1793), ("N1", 3463)]
    assert await owner.fetchval("select count(*) from kanji") == 2211
    assert await owner.fetchval("select count(*) from example_sentences") > 14_000


async def test_every_word_has_a_reading(owner: Any) -> None:
    broken = await owner.fetch(
        "select word, reading, romaji, meanings from vocabulary where reading !~ '^[ぁ-ゖァ-ヶー]+$'"
        " or romaji !~ '^[a-z]+$' or meanings = '{}' or '' = any(meanings)"
    )
    assert broken == []


@pytest.mark.parametrize(
    ("word", "level", "reading", "romaji", "meaning"),
    [
        ("食べる", "N5", "たべる", "taberu", "to eat"),
        ("何", "N5", "なん", "nan", "what"),
        ("いい", "N5", "いい", "ii", "good"),
        ("パーティー", "N5", "パーティー", "paatii", "party"),
        ("マッチ", "N5", "マッチ", "matchi", "match"),
        ("運転", "N4", "うんてん", "unten", "to drive"),
        ("堅い", "N4", "かたい", "katai", "hard"),
        ("賛成", "N3", "さんせい", "sansei", "approval"),
        ("暖かい", "N3", "あたたかい", "atatakai", "warm"),
        ("とん", "N3", "とん", "ton", "ton"),
        ("うん", "N3", "うん", "un", "yes (informal)"),
        ("あげる", "N2", "あげる", "ageru", "to do for"),
        ("対立", "N2", "たいりつ", "tairitsu", "confrontation"),
        ("刷る", "N2", "する", "suru", "to print"),
        ("歳", "N1", "さい", "sai", "years old"),
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
        "select bool_or(search_terms @@ $2::text::tsquery) from vocabulary where word = $1", word, search_query(other)
    )


async def test_kanji_of_word_are_in_order_without_duplicates(owner: Any) -> None:
    characters = await owner.fetch(
        "select character from vocabulary_kanji join kanji on kanji.id = kanji_id"
        " join vocabulary on vocabulary.id = vocabulary_id where word = '日曜日' order by position"
    )
    assert [row["character"] for row in characters] == ["日", "曜"]


async def test_content_ids_are_deterministic(owner: Any) -> None:
    assert await owner.fetchval("select id from vocabulary where word = '食べる'") == UUID(
        "019b76da-a659-70f9-9b92-23275279098b"
    )


async def test_first_word_of_level_has_the_newest_id(owner: Any) -> None:
    assert await owner.fetchval("select jlpt_level from vocabulary order by id desc limit 1") == "N5"
    assert await owner.fetchval("select jlpt_level from vocabulary order by id limit 1") == "N1"


async def test_books_have_vocabulary_of_their_level(owner: Any) -> None:
    books = await owner.fetch(
        "select title, count(*) as words, bool_and(vocabulary.jlpt_level >= books.jlpt_level) as known_level"
        " from books join book_vocabulary on book_id = books.id join vocabulary on vocabulary.id = vocabulary_id"
        " group by books.id"
    )
    assert len(books) == await owner.fetchval("select count(*) from books") >= 60
    assert [book["title"] for book in books if not 20 <= book["words"] <= 60 or not book["known_level"]] == []


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


async def test_changed_content_updates_rows_and_keeps_ids(writable_database_url: str) -> None:
    async with owner_connection(writable_database_url) as connection:
        ids = await _ids(connection)
        await connection.execute("update vocabulary set meanings = '{wrong}' where word = '食べる'")
        await connection.execute("update books set title = 'wrong' where title = '桃太郎'")
        await connection.execute("update books set title = 'edited', version = 2 where title = '浦島太郎'")
        await connection.execute("update content_versions set fingerprint = '' where name <> 'people'")
        assert len(await load(writable_database_url)) == 4
        assert await _ids(connection) == ids
        assert await connection.fetchval("select meanings from vocabulary where word = '食べる'") == ["to eat"]
        titles = await connection.fetch(
            "select title from books where title in ('wrong', '桃太郎', 'edited', '浦島太郎')"
        )
        assert {row["title"] for row in titles} == {"桃太郎", "edited"}


async def _ids(connection: Any) -> list[UUID]:
    tables = ("vocabulary", "kanji", "books", "textbooks", "chapters", "users", "cards")
    rows = await connection.fetch(" union all ".join(f"select id from {table}" for table in tables))
    return sorted(row["id"] for row in rows)


async def test_concurrent_loads_load_once(writable_database_url: str) -> None:
    await execute(writable_database_url, "delete from content_versions where name = 'textbooks'")
    first, second = await asyncio.gather(load(writable_database_url), load(writable_database_url))
    assert first + second == ["Loading textbooks …"]


async def test_load_without_demo_creates_no_accounts(empty_database: Callable[[], Awaitable[str]]) -> None:
    url = await empty_database()
    status, _, errors = await shinjp(
        "migrate", "--content", DATABASE_URL=url, SHINJP_ENVIRONMENT="production", JWT_SECRET="x" * 32
    )
    assert status == 0, errors
    assert await column(url, "select subject from users") == []
    assert await column(url, "select count(*) > 60 from books where published_at is not null") == [True]
    assert await load(url, demo=False) == []
    # The flag adds the demo accounts to existing content.
    assert await load(url) == ["Loading people …", "Loading statistics …"]


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


async def test_reload_keeps_changes_of_editors(writable_database_url: str) -> None:
    """Roles and settings of accounts, and all kinds of changes by editors."""
    url = writable_database_url
    await execute(
        url,
        "update users set role = 'learner', display_name = 'changed' where subject in ('admin', 'editor');"
        "update users set role = 'admin' where subject = 'demo';"
        "update user_settings set time_zone = 'Europe/Berlin'",
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
        f"update chapters set content = 'edited' where textbook_id = '{edited}'",
    )
    accounts = sorted(await column(url, ACCOUNTS))
    await execute(url, "update content_versions set fingerprint = ''")
    assert len(await load(url)) == 5
    assert sorted(await column(url, ACCOUNTS)) == accounts
    for table, ids in remaining.items():
        assert await column(url, SHOWN[table]) == ids
    assert await column(url, f"select distinct content from chapters where textbook_id = '{edited}'") == ["edited"]


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
