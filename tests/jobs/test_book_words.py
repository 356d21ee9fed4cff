"""The words of an imported text are found by a job, once for each text."""

from typing import Any

from domain.enums import JobKind
from jobs.book_texts import analyze_book
from tests.book_words import create_learner
from tests.clients import Client
from tests.databases import column, wait_for_listeners
from tests.workers import running_worker, until

CREATE = """
    mutation { createBook(input: {
        title: "題", author: "著者", description: "A test.", jlptLevel: N5, pageCount: 7, publish: true
    }) { book { id } } }
"""
IMPORT = """
    mutation($id: ID!, $version: Int!, $text: String!) {
        importBookText(input: {bookId: $id, expectedVersion: $version, text: $text}) {
            book { version vocabulary { totalCount } } job { id kind status } errors { code }
        }
    }
"""
READ = """
    query($id: ID!) { book(id: $id) {
        vocabulary(first: 100) { nodes { word } } coverage { tokens { total known } words { total } }
        wordsToLearn { vocabulary { word } occurrences coverage }
    } }
"""
WORK = {JobKind.ANALYZE_BOOK: analyze_book}


async def imported(client: Client, id: str, text: str, version: int) -> dict[str, Any]:
    variables = {"id": id, "version": version, "text": text}
    payload: dict[str, Any] = (await client.run(IMPORT, variables, user="editor")).data["importBookText"]
    assert payload["errors"] == []
    return payload


async def read(client: Client, id: str, user: str) -> Any:
    return (await client.run(READ, {"id": id}, user=user)).data["book"]


async def test_words_follow_the_text(shared: Client, shared_database_url: str) -> None:
    url, user = shared_database_url, "book words"
    id = (await shared.run(CREATE, user="editor")).data["createBook"]["book"]["id"]
    [cat] = await column(url, "select id from vocabulary where word = '猫' and jlpt_level is not null")
    await create_learner(shared, url, user, {cat: ("REVIEW", 30.0)})
    payload = await imported(shared, id, "猫が水を飲む。猫は寝る。", 1)
    assert payload["job"]["kind"] == "ANALYZE_BOOK"
    # Until the job is done.
    assert payload["book"]["vocabulary"]["totalCount"] == 0
    assert (await read(shared, id, user))["coverage"] is None
    async with running_worker(url, WORK):
        assert (await until(url, payload["job"]["id"]))["status"] == "SUCCEEDED"
        await wait_for_listeners(url)
        book = await read(shared, id, user)
        assert [word["word"] for word in book["vocabulary"]["nodes"]] == ["猫", "水", "飲む", "寝る"]
        assert book["coverage"] == {"tokens": {"total": 5, "known": 2}, "words": {"total": 4}}
        assert [word["vocabulary"]["word"] for word in book["wordsToLearn"]] == ["水", "飲む", "寝る"]

        # The same text needs no job and keeps its words.
        again = await imported(shared, id, "猫が水を飲む。猫は寝る。", 2)
        assert (again["job"], again["book"]["vocabulary"]["totalCount"]) == (None, 4)

        other = await imported(shared, id, "犬が猫を見る。", 3)
        assert other["book"]["vocabulary"]["totalCount"] == 0
        assert (await until(url, other["job"]["id"]))["status"] == "SUCCEEDED"
        await wait_for_listeners(url)
        book = await read(shared, id, user)
        assert [word["word"] for word in book["vocabulary"]["nodes"]] == ["犬", "猫", "見る"]
        assert book["coverage"]["tokens"] == {"total": 3, "known": 1}


async def test_readings_of_the_author_decide_the_words(shared: Client, shared_database_url: str) -> None:
    """They are the words of the tokens of the page. Other readings of the same text have other words."""
    url = shared_database_url
    id = (await shared.run(CREATE, user="editor")).data["createBook"]["book"]["id"]
    query = """
        query($id: ID!) { book(id: $id) {
            vocabulary(first: 9) { nodes { reading } } page(number: 1) { tokens { vocabulary { reading } } }
        } }
    """
    async with running_worker(url, WORK):
        for version, reading in enumerate(("ひら", "あ"), start=1):
            payload = await imported(shared, id, f"窓を開《{reading}》いた。", version)
            assert (await until(url, payload["job"]["id"]))["status"] == "SUCCEEDED"
            await wait_for_listeners(url)
            book = (await shared.run(query, {"id": id})).data["book"]
            words = [word["reading"] for word in book["vocabulary"]["nodes"]]
            assert words == ["まど", f"{reading}く"]
            tokens = [token["vocabulary"] for token in book["page"]["tokens"]]
            assert [token["reading"] for token in tokens if token] == words


async def test_job_of_a_replaced_text_changes_nothing(shared: Client, shared_database_url: str) -> None:
    url = shared_database_url
    id = (await shared.run(CREATE, user="editor")).data["createBook"]["book"]["id"]
    first = await imported(shared, id, "猫が寝る。", 1)
    second = await imported(shared, id, "犬が走る。", 2)
    async with running_worker(url, WORK):
        for payload in (first, second):
            assert (await until(url, payload["job"]["id"]))["status"] == "SUCCEEDED"
    await wait_for_listeners(url)
    book = await read(shared, id, "book words")
    assert [word["word"] for word in book["vocabulary"]["nodes"]] == ["犬", "走る"]


async def test_coverage_follows_the_cards(shared: Client, shared_database_url: str) -> None:
    """It is cached for the viewer, and invalidated by their reviews and suspensions."""
    user = "coverage cards"
    stories = """
        { books(first: 1, orderBy: OLDEST, filter: {hasText: true}) {
            nodes { id vocabulary(first: 1) { nodes { id } } }
        } }
    """
    [story] = (await shared.run(stories)).data["books"]["nodes"]
    id, word = story["id"], story["vocabulary"]["nodes"][0]["id"]
    query = "query($id: ID!) { book(id: $id) { coverage { words { learning unknown } } } }"

    async def counts() -> tuple[int, int]:
        words = (await shared.run(query, {"id": id}, user=user)).data["book"]["coverage"]["words"]
        return words["learning"], words["unknown"]

    learning, unknown = await counts()
    assert learning == 0
    create = "mutation($w: ID!) { createCards(input: {vocabularyIds: [$w]}) { cards { id } } }"
    [card] = (await shared.run(create, {"w": word}, user=user)).data["createCards"]["cards"]
    assert await counts() == (0, unknown)
    review = """
        mutation($c: ID!) { reviewCards(input: {reviews: [{cardId: $c, quality: 4, idempotencyKey: "k"}]}) {
            results { error { code } }
        } }
    """
    await shared.run(review, {"c": card["id"]}, user=user)
    assert await counts() == (1, unknown - 1)
    suspend = "mutation($c: ID!) { setCardsSuspended(input: {cardIds: [$c], suspended: true}) { errors { code } } }"
    await shared.run(suspend, {"c": card["id"]}, user=user)
    # A suspended card is counted as on the dashboard.
    assert await counts() == (1, unknown - 1)
