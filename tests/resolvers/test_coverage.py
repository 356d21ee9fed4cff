"""How much of a book a learner knows, compared with a recomputation from the tokens of its pages."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from domain.ids import global_id
from tests.book_words import ReferenceBook, create_learner, random_cards, reference_books
from tests.clients import Client

COUNTS = "{ total known learning unknown knownShare learningShare unknownShare }"
COVERAGE = f"coverage {{ tokens {COUNTS} words {COUNTS} }}"
BOOK = f"query($id: ID!) {{ book(id: $id) {{ {COVERAGE} }} }}"
LIST = f"query($first: Int!) {{ books(first: $first) {{ nodes {{ id {COVERAGE} }} }} }}"
PAGE = """
    query($first: Int, $after: String, $last: Int, $before: String, $min: Float, $hasText: Boolean) {
        books(
            first: $first, after: $after, last: $last, before: $before,
            orderBy: COVERAGE, filter: {minCoverage: $min, hasText: $hasText}
        ) {
            nodes { id coverage { tokens { knownShare } } } totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""
WORDS = """
    query($id: ID!, $first: Int, $target: Float) { book(id: $id) {
        wordsToLearn(first: $first, target: $target) { vocabulary { id word } occurrences coverage }
    } }
"""
CREATE = "mutation($ids: [ID!]!) { createCards(input: {vocabularyIds: $ids}) { createdCount errors { code } } }"
NO_CACHE = {"Cache-Control": "no-cache"}
Cards = dict[UUID, tuple[str, float]]


@pytest.fixture(scope="module")
async def books(shared: Client) -> list[ReferenceBook]:
    return await reference_books(shared)


def all_words(books: list[ReferenceBook]) -> list[UUID]:
    return sorted({word for book in books for word in book.words})


def expected_counts(book: ReferenceBook, cards: Cards) -> Iterator[dict[str, float]]:
    mature = [word for word in book.words if cards.get(word, ("NEW", 0))[1] >= 21]
    learning = [word for word in book.words if word in cards and word not in mature and cards[word][0] != "NEW"]
    tokens = book.token_count, sum(book.words[w] for w in mature), sum(book.words[w] for w in learning)
    for total, known, started in (tokens, (len(book.words) + len(book.unknown), len(mature), len(learning))):
        unknown = total - known - started
        yield {
            "total": total,
            "known": known,
            "learning": started,
            "unknown": unknown,
            "knownShare": known / total,
            "learningShare": started / total,
            "unknownShare": unknown / total,
        }


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9, 1.0])
async def test_coverage_is_that_of_the_tokens(
    shared: Client, shared_database_url: str, books: list[ReferenceBook], share: float
) -> None:
    cards = random_cards(random.Random(share), all_words(books), share)
    user = f"coverage {share}"
    await create_learner(shared, shared_database_url, user, cards)
    nodes = (await shared.run(LIST, {"first": 100}, user=user)).data["books"]["nodes"]
    found = {node["id"]: node["coverage"] for node in nodes}
    for book in books:
        tokens, words = expected_counts(book, cards)
        assert found.pop(book.id) == {"tokens": tokens, "words": words}, book.title
    assert set(found.values()) == {None}


async def test_vocabulary_is_that_of_the_text(shared: Client, books: list[ReferenceBook]) -> None:
    query = """
        query($id: ID!, $after: String) { book(id: $id) { vocabulary(first: 100, after: $after, orderBy: %s) {
            edges { occurrences firstPage node { id } } totalCount pageInfo { hasNextPage endCursor }
        } } }
    """
    for book in books[::8]:
        by_occurrence = sorted(book.words, key=lambda word: (-book.words[word], book.first[word]))
        for order, words in (("FIRST_OCCURRENCE", [*book.first]), ("OCCURRENCES", by_occurrence)):
            found: list[tuple[str, int, int]] = []
            page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
            while page["hasNextPage"]:
                variables = {"id": book.id, "after": page["endCursor"]}
                connection = (await shared.run(query % order, variables)).data["book"]["vocabulary"]
                found += [(edge["node"]["id"], edge["occurrences"], edge["firstPage"]) for edge in connection["edges"]]
                page = connection["pageInfo"]
            assert found == [(global_id("Vocabulary", word), book.words[word], book.first[word][0]) for word in words]
            assert connection["totalCount"] == len(words)


async def test_words_of_a_book_without_text_have_no_occurrences(shared: Client) -> None:
    query = """
        { books(first: 1, filter: {hasText: false}) { nodes {
            vocabulary(first: 2) { edges { occurrences firstPage } }
        } } }
    """
    [book] = (await shared.run(query)).data["books"]["nodes"]
    assert book["vocabulary"]["edges"] == [{"occurrences": None, "firstPage": None}] * 2


async def test_first_occurrences_are_stored(owner: Any, shared: Client, books: list[ReferenceBook]) -> None:
    for book in books[::8]:
        rows = await owner.fetch(
            "select vocabulary_id, page, start, occurrences from book_vocabulary join books on books.id = book_id"
            " where title = $1 order by position",
            book.title,
        )
        assert [tuple(row) for row in rows] == [(word, *book.first[word], book.words[word]) for word in book.first]


async def test_books_are_ordered_by_coverage(
    shared: Client, shared_database_url: str, books: list[ReferenceBook]
) -> None:
    user = "coverage order"
    cards = random_cards(random.Random(1), all_words(books), 0.7)
    await create_learner(shared, shared_database_url, user, cards)
    whole = (await shared.run(PAGE, {"first": 100, "hasText": True}, user=user)).data["books"]
    shares = [book["coverage"]["tokens"]["knownShare"] for book in whole["nodes"]]
    assert shares == sorted(shares, reverse=True)
    assert len({*shares}) > 20
    assert whole["totalCount"] == len(whole["nodes"]) == len(books)
    # Others follow.
    everything = (await shared.run(PAGE, {"first": 40}, user=user)).data["books"]["nodes"]
    assert everything[: len(books)] == whole["nodes"]
    assert {book["coverage"] for book in everything[len(books) :]} == {None}
    for forward in (True, False):
        found: list[str] = []
        cursor = None
        while True:
            variables = {"first": 7, "after": cursor} if forward else {"last": 7, "before": cursor}
            page = (await shared.run(PAGE, {**variables, "hasText": True}, user=user)).data["books"]
            ids = [book["id"] for book in page["nodes"]]
            found = found + ids if forward else ids + found
            info = page["pageInfo"]
            if not info["hasNextPage" if forward else "hasPreviousPage"]:
                break
            cursor = info["endCursor" if forward else "startCursor"]
        assert found == [book["id"] for book in whole["nodes"]]
    minimum = shares[5]
    readable = (await shared.run(PAGE, {"first": 100, "min": minimum}, user=user)).data["books"]
    assert readable["nodes"] == whole["nodes"][:6]
    assert readable["totalCount"] == 6


async def test_learners_see_their_own_order(
    shared: Client, shared_database_url: str, books: list[ReferenceBook]
) -> None:
    """The field cache has the list by other orders, and does not have this one."""
    easiest: dict[str, str] = {}
    for number in (3, 11):
        user = f"coverage of {number}"
        await create_learner(shared, shared_database_url, user, dict.fromkeys(books[number].words, ("REVIEW", 30.0)))
        for _ in range(2):
            easiest[user] = (await shared.run(PAGE, {"first": 1}, user=user)).data["books"]["nodes"][0]["id"]
            assert easiest[user] == books[number].id


@pytest.mark.parametrize("minimum", [-0.1, 1.01])
async def test_share_outside_of_its_range_is_rejected(shared: Client, minimum: float) -> None:
    answer = await shared.run(PAGE, {"first": 1, "min": minimum}, user="coverage range")
    assert answer.error_codes == ["BAD_USER_INPUT"]
    assert str(minimum) in answer.messages[0]


async def test_anonymous_requests_have_no_coverage(shared: Client, books: list[ReferenceBook]) -> None:
    assert (await shared.run(BOOK, {"id": books[0].id})).data == {"book": {"coverage": None}}
    assert (await shared.run(WORDS, {"id": books[0].id})).data == {"book": {"wordsToLearn": None}}
    assert (await shared.run(PAGE, {"first": 1})).error_codes == ["UNAUTHENTICATED"]
    filtered = "{ books(filter: {minCoverage: 0.5}) { totalCount } }"
    assert (await shared.run(filtered)).error_codes == ["UNAUTHENTICATED"]


async def test_number_of_statements_is_constant(shared: Client) -> None:
    selection = "wordsToLearn(first: 3) { occurrences vocabulary { card { id } } }"
    words = f"query($first: Int!) {{ books(first: $first) {{ nodes {{ {selection} }} }} }}"
    for query in (LIST, words):
        counts = {
            first: (await shared.run(query, {"first": first}, user="demo", headers=NO_CACHE)).statements
            # The learner may know all words of a single book, and there are none to read then.
            for first in (10, 40)
        }
        assert counts[10] == counts[40]


@pytest.mark.parametrize("target", [0.5, 0.95, 0.98, 1.0])
async def test_words_to_learn_are_the_shortest_list(
    shared: Client, shared_database_url: str, books: list[ReferenceBook], target: float
) -> None:
    user = f"words to learn {target}"
    cards = random_cards(random.Random(target), all_words(books), 0.5)
    await create_learner(shared, shared_database_url, user, cards)
    for book in books[::6]:
        missing = [word for word in book.words if word not in cards]
        missing.sort(key=lambda word: (-book.words[word], book.first[word]))
        reached = sum(count for word, count in book.words.items() if word in cards)
        expected = []
        for word in missing:
            if reached / book.token_count >= target:
                break
            reached += book.words[word]
            expected.append((global_id("Vocabulary", word), book.words[word], reached / book.token_count))
        found = (await shared.run(WORDS, {"id": book.id, "first": 1000, "target": target}, user=user)).data["book"]
        words = [(word["vocabulary"]["id"], word["occurrences"], word["coverage"]) for word in found["wordsToLearn"]]
        assert words == expected
        assert (expected == []) == (sum(book.words[w] for w in cards if w in book.words) / book.token_count >= target)
        first = (await shared.run(WORDS, {"id": book.id, "first": 2, "target": target}, user=user)).data["book"]
        assert first["wordsToLearn"] == found["wordsToLearn"][:2]


async def test_cards_of_words_to_learn_reach_the_target(shared: Client, books: list[ReferenceBook]) -> None:
    user, id = "words to cards", books[2].id
    words = (await shared.run(WORDS, {"id": id, "target": 0.9}, user=user)).data["book"]["wordsToLearn"]
    assert words[-2]["coverage"] < 0.9 <= words[-1]["coverage"]
    created = (await shared.run(CREATE, {"ids": [word["vocabulary"]["id"] for word in words]}, user=user)).data
    assert created["createCards"] == {"createdCount": len(words), "errors": []}
    # The cached value is invalidated by the new cards.
    assert (await shared.run(WORDS, {"id": id, "target": 0.9}, user=user)).data["book"]["wordsToLearn"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: 0", "first: 0 is outside 1 to 1000."),
        ("first: 1001", "first: 1001 is outside 1 to 1000."),
        ("target: 0", "target: 0.0 is not above 0 and at most 1."),
        ("target: 1.5", "target: 1.5 is not above 0 and at most 1."),
    ],
)
async def test_arguments_of_words_to_learn_are_checked(
    shared: Client, books: list[ReferenceBook], arguments: str, message: str
) -> None:
    query = f'{{ book(id: "{books[0].id}") {{ wordsToLearn({arguments}) {{ occurrences }} }} }}'
    answer = await shared.run(query, user="demo")
    assert answer.messages == [message]
