"""Clients that keep copies read what changed since a token, in pages, and miss no concurrent transaction."""

import pytest

from db.core.database import owner_connection
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.device_copies import CHANGES, DeviceCopy
from tests.resolvers.copied_learners import (
    answer_exercises,
    learner,
    read_book,
    read_chapter,
    run_sql,
    summary,
    user_id,
)
from tests.review_assertions import answer, card_ids, days_ago, review, undo

# The table of each type, and the column that identifies its objects.
TABLES = {
    "Card": ("cards", "id"),
    "Review": ("reviews", "id"),
    "BookProgress": ("reading_progress", "id"),
    "ChapterProgress": ("chapter_progress", "chapter_id"),
    "ExerciseAttempt": ("exercise_attempts", "id"),
}
SUSPEND = "mutation($input: SetCardsSuspendedInput!) { setCardsSuspended(input: $input) { errors { code } } }"
SETTINGS = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"
STORED_COLUMNS = """
    select quote_ident(attname) from pg_attribute
    where attrelid = 'cards'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
"""


@pytest.mark.parametrize("first", [1, 2, 7, 500])
async def test_copy_has_all_objects(shared: Client, shared_database_url: str, first: int) -> None:
    copy = await learner(shared, shared_database_url)
    cards = await card_ids(shared_database_url, copy.subject, 6)
    await review(shared, [answer(id, f"k{n}", reviewedAt=days_ago(n * 20)) for n, id in enumerate(cards)], copy.subject)
    for offset in range(3):
        await read_book(copy, shared_database_url, offset=offset)
    chapters = set(await answer_exercises(copy, shared_database_url, 6))
    # From here on, no transaction of another test delays the changes of these.
    await DeviceCopy(shared, copy.subject).catch_up(shared_database_url)
    pages = await copy.read_all(first)
    me = await user_id(copy, shared_database_url)
    for type_name, (table, key) in TABLES.items():
        rows = await column(shared_database_url, f"select {key} from {table} where user_id = '{me}'")
        assert copy.of_type(type_name) == sorted(global_id(type_name, id) for id in rows)
    total = 6 + 6 + 3 + 1 + 6 + len(chapters)
    assert len(copy.objects) == total
    sizes = [len(page["changes"]) for page in pages[:-1]]
    assert sizes == [first] * (total // first) + ([total % first] if total % first else [])
    # The last page is of the log: changes made during the copy.
    assert [page["hasMore"] for page in pages] == [True] * len(sizes) + [False]


async def test_every_mutation_is_a_change(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    await copy.catch_up(shared_database_url)
    one, other, third, *_ = await card_ids(shared_database_url, copy.subject, 6)

    async def changed() -> list[tuple[str, bool]]:
        return sorted(summary(await copy.catch_up(shared_database_url)))

    reviewed = await review(shared, [answer(one, "a"), answer(other, "b")], copy.subject)
    assert await changed() == [("CARD", False)] * 2 + [("REVIEW", False)] * 2
    await undo(shared, [reviewed["results"][0]["review"]["id"]], copy.subject)
    assert await changed() == [("CARD", False), ("REVIEW", False)]
    assert copy.objects[reviewed["results"][0]["review"]["id"]]["undone"]
    await shared.run(SUSPEND, {"input": {"cardIds": [third], "suspended": True}}, user=copy.subject)
    assert await changed() == [("CARD", False)]
    assert copy.objects[third]["suspended"]
    await read_book(copy, shared_database_url)
    assert await changed() == [("READING_PROGRESS", False)]
    # A chapter whose exercise was answered has progress, although it was not opened.
    for _ in range(2):
        [chapter] = await answer_exercises(copy, shared_database_url)
        assert await changed() == [("CHAPTER_PROGRESS", False), ("EXERCISE_ATTEMPT", False)]
    await read_chapter(copy, chapter)
    assert await changed() == [("CHAPTER_PROGRESS", False)]
    [progress] = copy.of_type("ChapterProgress")
    node = copy.objects[progress]
    assert (node["chapterId"], node["isRead"], node["exercisesDone"]) == (global_id("Chapter", chapter), True, 1)
    await shared.run(SETTINGS, {"input": {"newCardsPerDay": 3}}, user=copy.subject)
    assert await changed() == [("SETTINGS", False)]
    # Reviewed cards are rescheduled.
    await shared.run(SETTINGS, {"input": {"scheduler": "SM2"}}, user=copy.subject)
    await shared.run(SETTINGS, {"input": {"scheduler": "FSRS"}}, user=copy.subject)
    assert {("CARD", False), ("SETTINGS", False)} <= set(await changed())
    assert await changed() == []


async def test_changes_by_sql_are_seen(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    one, other, *_ = await card_ids(shared_database_url, copy.subject, 6)
    await review(shared, [answer(one, "a"), answer(one, "b"), answer(other, "c")], copy.subject)
    await read_book(copy, shared_database_url)
    assert len(set(await answer_exercises(copy, shared_database_url, 2))) == 1
    await copy.catch_up(shared_database_url)
    for statement, expected in {
        "update cards set lapses = 9 where user_id = me": [("CARD", False)] * 6,
        "update reviews set duration_ms = 9 where user_id = me": [("REVIEW", False)] * 3,
        f"delete from cards where id = '{parse_global_id(one)[1]}'": [("CARD", True)] + [("REVIEW", True)] * 2,
        "delete from reviews where user_id = me": [("REVIEW", True)],
        "delete from reading_progress where user_id = me": [("READING_PROGRESS", True)],
        "update user_settings set reviews_per_day = 9 where user_id = me": [("SETTINGS", False)],
        "update exercise_attempts set correct_count = 1 where user_id = me": [
            ("CHAPTER_PROGRESS", False),
            *[("EXERCISE_ATTEMPT", False)] * 2,
        ],
        "delete from exercise_attempts where id = (select max(id::text)::uuid from exercise_attempts where user_id = me"
        ")": [("CHAPTER_PROGRESS", False), ("EXERCISE_ATTEMPT", True)],
        "delete from chapter_progress where user_id = me": [("CHAPTER_PROGRESS", True)],
    }.items():
        await run_sql(copy, shared_database_url, statement)
        assert sorted(summary(await copy.catch_up(shared_database_url))) == expected, statement
    assert len(copy.objects) == 5 + 1 + 1


async def test_open_transaction_is_delivered_after_its_commit(shared: Client, shared_database_url: str) -> None:
    """A token never passes a transaction that is still open, although later ones have been committed."""
    copy = await learner(shared, shared_database_url)
    await copy.catch_up(shared_database_url)
    one, other, *_ = (parse_global_id(id)[1] for id in await card_ids(shared_database_url, copy.subject, 6))
    update = "update cards set lapses = 7 where id = $1"
    async with owner_connection(shared_database_url) as connection, connection.transaction():
        await connection.execute(update, one)
        await execute(shared_database_url, update.replace("$1", f"'{other}'"))
        for _ in range(3):
            assert [page["changes"] for page in await copy.read_all()] == [[]]
        # A copy that begins now shows what is committed, and its log the rest.
        fresh = DeviceCopy(shared, copy.subject)
        await fresh.read_all()
        assert [fresh.objects[global_id("Card", id)]["lapses"] for id in (one, other)] == [0, 7]
    changes = await copy.catch_up(shared_database_url)
    assert [change["objectId"] for change in changes] == [global_id("Card", id) for id in (one, other)]
    await fresh.catch_up(shared_database_url)
    for reader in (copy, fresh):
        assert [reader.objects[global_id("Card", id)]["lapses"] for id in (one, other)] == [7, 7]


async def test_pages_divide_a_large_transaction(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url, cards=20)
    cards = await card_ids(shared_database_url, copy.subject, 20)
    await review(shared, [answer(id, f"k{n}") for n, id in enumerate(cards)], copy.subject)
    await copy.catch_up(shared_database_url)
    await run_sql(
        copy,
        shared_database_url,
        "update cards set lapses = 9 where user_id = me; update reviews set undone = true where user_id = me;"
        " update user_settings set reviews_per_day = 9 where user_id = me;"
        " delete from reviews where card_id = (select min(id::text)::uuid from cards where user_id = me)",
    )
    for first in (1, 3, 7, 40, 41, 500):
        reader = DeviceCopy(shared, copy.subject)
        reader.token, reader.objects = copy.token, dict(copy.objects)
        changes = await reader.catch_up(shared_database_url, first)
        # Of a transaction: deletions, cards, reviews, progress, settings.
        expected = [("REVIEW", True), *[("CARD", False)] * 20, *[("REVIEW", False)] * 19, ("SETTINGS", False)]
        assert summary(changes) == expected, first
        assert len({change["objectId"] for change in changes}) == 41
        assert len(reader.objects) == 20 + 19 + 1


async def test_object_that_is_created_again_is_kept(shared: Client, shared_database_url: str) -> None:
    """In one transaction, and in two."""
    copy = await learner(shared, shared_database_url)
    await copy.catch_up(shared_database_url)
    columns = await column(shared_database_url, STORED_COLUMNS)
    move = (
        "create temporary table moved as select {columns} from cards where user_id = me;"
        "{{}} insert into cards ({columns}) select * from moved; drop table moved;"
    ).format(columns=", ".join(columns))
    await run_sql(copy, shared_database_url, "begin;" + move.format("delete from cards where user_id = me;") + "commit")
    await copy.catch_up(shared_database_url)
    assert len(copy.of_type("Card")) == 6
    await run_sql(copy, shared_database_url, move.format("commit; delete from cards where user_id = me; commit;"))
    await copy.catch_up(shared_database_url, 1)
    assert len(copy.of_type("Card")) == 6


async def test_statements_do_not_grow(shared: Client, shared_database_url: str) -> None:
    """One for the keys, one for each of the six types, and one for the tags of cards."""
    copy = await learner(shared, shared_database_url, cards=60)
    cards = await card_ids(shared_database_url, copy.subject, 60)
    for number in (1, 60):
        await copy.catch_up(shared_database_url)
        reviews = [answer(id, f"k{number}-{n}") for n, id in enumerate(cards[:number])]
        await review(shared, reviews, copy.subject)
        await shared.run(SETTINGS, {"input": {"newCardsPerDay": number}}, user=copy.subject)
        await read_book(copy, shared_database_url)
        chapters = set(await answer_exercises(copy, shared_database_url, number))
        before = copy.token
        await copy.catch_up(shared_database_url)
        page = await shared.run(CHANGES, {"since": before, "first": 500}, user=copy.subject)
        assert len(page.data["viewer"]["changes"]["changes"]) == 3 * number + len(chapters) + 2
        assert page.statements == 8
