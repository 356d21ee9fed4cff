"""Clients that keep copies read what changed since a token, in pages, and miss no concurrent transaction."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.core.database import owner_connection
from domain.changes import ChangesToken
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.device_copies import CHANGES, DeviceCopy
from tests.review_assertions import answer, card_ids, days_ago, review, undo

# The table of each type, and the column that identifies its objects.
TABLES = {
    "Card": ("cards", "id"),
    "Review": ("reviews", "id"),
    "BookProgress": ("reading_progress", "id"),
    "ChapterProgress": ("chapter_progress", "chapter_id"),
    "ExerciseAttempt": ("exercise_attempts", "id"),
}
READ = "mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) { errors { code } } }"
CREATE = "mutation($input: CreateCardsInput!) { createCards(input: $input) { cards { id } errors { code } } }"
SUSPEND = "mutation($input: SetCardsSuspendedInput!) { setCardsSuspended(input: $input) { errors { code } } }"
SETTINGS = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"


READ_CHAPTER = """
    mutation($input: UpdateChapterProgressInput!) { updateChapterProgress(input: $input) { errors { code } } }
"""
ANSWER = """
    mutation($input: AnswerExercisesInput!) { answerExercises(input: $input) { results { error { code } } } }
"""
EXERCISES = """
    select exercises.id, chapter_id, jsonb_array_length(prompts) as size from exercises
        join chapters on chapters.id = chapter_id join textbooks on textbooks.id = textbook_id
    where is_public order by chapter_id, exercises.position
"""


async def learner(client: Client, url: str, cards: int = 6) -> DeviceCopy:
    """The empty copy of a new learner with cards, whom no other test uses."""
    subject = f"changes-{uuid4()}"
    words = await column(url, f"select id from vocabulary order by id limit {cards}")
    ids = [global_id("Vocabulary", id) for id in words]
    await client.run(CREATE, {"input": {"vocabularyIds": ids}}, user=subject)
    return DeviceCopy(client, subject)


async def user_id(copy: DeviceCopy, url: str) -> UUID:
    [id] = await column(url, f"select id from users where subject = '{copy.subject}'")
    found: UUID = id
    return found


STORED_COLUMNS = """
    select quote_ident(attname) from pg_attribute
    where attrelid = 'cards'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
"""


async def run_sql(copy: DeviceCopy, url: str, statement: str) -> None:
    """Runs a statement in which `me` is the learner's id."""
    await execute(url, statement.replace("me", f"'{await user_id(copy, url)}'::uuid"))


async def read_book(copy: DeviceCopy, url: str, page: int = 3, offset: int = 0) -> str:
    """Saves progress in a book with many pages; returns the id of the book."""
    books = "select id from books where published_at is not null and deleted_at is null and page_count > 9 order by id"
    [book] = await column(url, f"{books} offset {offset} limit 1")
    variables = {"input": {"bookId": global_id("Book", book), "currentPage": page}}
    await copy.client.run(READ, variables, user=copy.subject)
    return str(book)


async def answer_exercises(copy: DeviceCopy, url: str, number: int = 1) -> list[UUID]:
    """Answers the first exercises of textbooks; returns the ids of their chapters, once for each exercise."""
    async with owner_connection(url) as connection:
        exercises = await connection.fetch(f"{EXERCISES} limit {number}")
    attempts = [
        {
            "exerciseId": global_id("Exercise", exercise["id"]),
            "answers": [{"text": "?"}] * exercise["size"],
            "idempotencyKey": uuid4().hex,
        }
        for exercise in exercises
    ]
    payload = (await copy.client.run(ANSWER, {"input": {"attempts": attempts}}, user=copy.subject)).data
    assert payload["answerExercises"]["results"] == [{"error": None}] * number
    return [exercise["chapter_id"] for exercise in exercises]


async def read_chapter(copy: DeviceCopy, chapter: UUID) -> None:
    variables = {"input": {"chapterId": global_id("Chapter", chapter), "isRead": True}}
    payload = (await copy.client.run(READ_CHAPTER, variables, user=copy.subject)).data
    assert payload["updateChapterProgress"]["errors"] == []


def summary(changes: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """The type of each change, and whether the object was deleted."""
    return [(change["type"], change["deleted"]) for change in changes]


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


async def test_progress_follows_the_visibility_of_its_book(writable: Client, writable_database_url: str) -> None:
    copy = await learner(writable, writable_database_url)
    book = await read_book(copy, writable_database_url, page=9)
    await copy.catch_up(writable_database_url)
    for change, expected in {
        "title = title || '!'": [],
        "published_at = null": [("READING_PROGRESS", True)],
        "published_at = now()": [("READING_PROGRESS", False)],
        "deleted_at = now()": [("READING_PROGRESS", True)],
        "deleted_at = null": [("READING_PROGRESS", False)],
        "page_count = 9": [("READING_PROGRESS", False)],
    }.items():
        await execute(writable_database_url, f"update books set {change} where id = '{book}'")
        assert summary(await copy.catch_up(writable_database_url)) == expected, change
    [progress] = copy.of_type("BookProgress")
    assert copy.objects[progress]["percent"] == 100


async def test_progress_follows_the_visibility_of_its_chapter(writable: Client, writable_database_url: str) -> None:
    copy = await learner(writable, writable_database_url)
    [chapter] = await answer_exercises(copy, writable_database_url)
    await copy.catch_up(writable_database_url)
    own = f"id = (select textbook_id from chapters where id = '{chapter}')"
    me, unchanged = await user_id(copy, writable_database_url), ("CHAPTER_PROGRESS", False)
    deleted = ("CHAPTER_PROGRESS", True)
    exercise = "gen_random_uuid(), chapter_id, 3, kind, title, task, answer_language, prompts, options"
    for statement, expected in {
        f"update chapters set title = title || '!' where id = '{chapter}'": [],
        f"update chapters set deleted_at = now() where id = '{chapter}'": [deleted],
        f"update chapters set deleted_at = null where id = '{chapter}'": [unchanged],
        f"update textbooks set is_public = false where {own}": [deleted],
        f"update textbooks set owner_id = '{me}' where {own}": [unchanged],
        f"update textbooks set is_public = true, owner_id = null where {own}": [unchanged],
        f"update textbooks set deleted_at = now() where {own}": [deleted],
        f"update textbooks set deleted_at = null where {own}": [unchanged],
        f"delete from exercises where chapter_id = '{chapter}' and position = 3": [unchanged],
        "insert into exercises (id, chapter_id, position, kind, title, task, answer_language, prompts, options)"
        f" select {exercise} from exercises where chapter_id = '{chapter}' and position = 0": [unchanged],
        f"delete from exercises where chapter_id = '{chapter}'": [("EXERCISE_ATTEMPT", True), unchanged],
        f"delete from chapters where id = '{chapter}'": [deleted],
    }.items():
        await execute(writable_database_url, statement)
        assert summary(await copy.catch_up(writable_database_url)) == expected, statement
        fresh = DeviceCopy(writable, copy.subject)
        await fresh.catch_up(writable_database_url)
        assert fresh.objects == copy.objects, statement


@pytest.mark.parametrize(
    "types",
    [["EXERCISE_ATTEMPT"], ["CARD"], ["SETTINGS", "REVIEW", "REVIEW"], ["READING_PROGRESS", "CHAPTER_PROGRESS"]],
)
async def test_types_select_objects(shared: Client, shared_database_url: str, types: list[str]) -> None:
    everything = await learner(shared, shared_database_url)
    [one, other, *_] = await card_ids(shared_database_url, everything.subject, 6)
    await review(shared, [answer(one, "a"), answer(other, "b")], everything.subject)
    copy = DeviceCopy(shared, everything.subject, types=types)
    assert {change["type"] for change in await copy.catch_up(shared_database_url, 1)} <= set(types)
    await run_sql(copy, shared_database_url, f"delete from cards where id = '{parse_global_id(one)[1]}'")
    await read_book(copy, shared_database_url)
    await answer_exercises(copy, shared_database_url)
    seen = {change["type"] for change in await copy.catch_up(shared_database_url, 1)}
    assert seen == set(types) - {"SETTINGS"}


async def test_token_that_cannot_be_continued_starts_again(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    other = await learner(shared, shared_database_url)
    for reader in (copy, other):
        await reader.catch_up(shared_database_url)
    assert copy.token is not None
    assert other.token is not None
    token = ChangesToken.parse(copy.token)
    first = {
        "MALFORMED": ["", "x", "é", copy.token[:-5], copy.token + "AAAA", "x" * 100_000, global_id("Card", uuid4())],
        "OTHER_USER": [other.token],
        "OTHER_TYPES": [replace(token, types=1).encode()],
        "OTHER_DATABASE": [replace(token, database=token.database ^ 1).encode()],
        "EXPIRED": [replace(token, as_of=token.as_of - timedelta(days=89, seconds=1)).encode()],
    }
    first["MALFORMED"] += [
        changed.encode()
        for changed in (
            *(replace(token, types=types) for types in (0, 64)),
            *(replace(token, rank=rank) for rank in (-1, 7)),
            replace(token, transaction=-1),
        )
    ]
    for reason, tokens in first.items():
        for value in tokens:
            reader = DeviceCopy(shared, copy.subject)
            reader.token, reader.objects = value, {"left": None}
            await reader.read_all(4)
            assert reader.resets == [reason], value
            assert reader.objects == copy.objects
    almost = DeviceCopy(shared, copy.subject)
    almost.token = replace(token, as_of=token.as_of - timedelta(days=88)).encode()
    assert (await almost.read_page())["reset"] is None


async def test_forged_token_shows_own_objects_only(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    await copy.catch_up(shared_database_url)
    assert copy.token is not None
    token = ChangesToken.parse(copy.token)
    for forged in (replace(token, transaction=0), replace(token, transaction=(1 << 63) - 1), replace(token, rank=4)):
        reader = DeviceCopy(shared, copy.subject)
        reader.token = forged.encode()
        await reader.read_all()
        assert set(reader.objects) <= set(copy.objects)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first: 0 is outside 1 to 500."),
        ({"first": 501}, "first: 501 is outside 1 to 500."),
        ({"types": []}, "types is empty; omit it for all types."),
    ],
)
async def test_bad_arguments_are_rejected(client: Client, arguments: dict[str, Any], message: str) -> None:
    answer = await client.run(CHANGES, arguments, user="demo")
    assert (answer.error_codes, answer.messages) == (["BAD_USER_INPUT"], [message])
    assert answer.body["errors"][0]["path"] == ["viewer", "changes"]


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
