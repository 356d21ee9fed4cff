"""Cards in both directions and of kanji: one of each kind of a word or kanji, and what is counted by them."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.core.database import owner_connection
from domain.enums import CardKind
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.review_assertions import answer, review

CARD = """
    id kind subject { __typename ... on Vocabulary { word } ... on Kanji { character } }
    vocabulary { id word } kanji { id character }
"""
CREATE = f"""
    mutation($input: CreateCardsInput!) {{ createCards(input: $input) {{
        createdCount errors {{ code path }} cards {{ {CARD} }}
    }} }}
"""
CREATE_OF_KANJI = f"""
    mutation($input: CreateKanjiCardsInput!) {{ createKanjiCards(input: $input) {{
        createdCount errors {{ code path }} cards {{ {CARD} }}
    }} }}
"""
SEARCH = "query($word: String!) { searchVocabulary(query: $word, first: 5) { nodes { id word } } }"
SESSION = """
    query($filter: StudySessionFilter) { viewer { studySession(filter: $filter) {
        cards { id kind } newLeft learningLeft reviewsLeft nextDueAt limits { endsAt }
    } } }
"""


async def word_id(client: Client, word: str) -> str:
    nodes = (await client.run(SEARCH, {"word": word})).data["searchVocabulary"]["nodes"]
    id: str = next(node["id"] for node in nodes if node["word"] == word)
    return id


async def kanji_id(client: Client, character: str) -> str:
    id: str = (await client.run(f'{{ kanji(character: "{character}") {{ id }} }}')).data["kanji"]["id"]
    return id


async def create(client: Client, user: str, words: list[str], kind: str = "RECOGNITION") -> Any:
    variables = {"input": {"vocabularyIds": words, "kind": kind}}
    return (await client.run(CREATE, variables, user=user)).data["createCards"]


async def create_of_kanji(client: Client, user: str, **input_: Any) -> Any:
    return (await client.run(CREATE_OF_KANJI, {"input": input_}, user=user)).data["createKanjiCards"]


async def session(client: Client, user: str, **filter: Any) -> Any:
    return (await client.run(SESSION, {"filter": filter}, user=user)).data["viewer"]["studySession"]


async def test_word_has_one_card_of_each_kind(shared: Client) -> None:
    word = await word_id(shared, "食べる")
    payloads = [await create(shared, "kinds", [word], kind) for kind in ("RECALL", "RECOGNITION", "RECALL", "READING")]
    assert [payload["createdCount"] for payload in payloads] == [1, 1, 0, 1]
    assert [payload["cards"][0]["kind"] for payload in payloads] == ["RECALL", "RECOGNITION", "RECALL", "READING"]
    assert payloads[0]["cards"] == payloads[2]["cards"]
    subject = {"__typename": "Vocabulary", "word": "食べる"}
    assert payloads[0]["cards"][0] | {"id": None} == {
        "id": None,
        "kind": "RECALL",
        "subject": subject,
        "vocabulary": {"id": word, "word": "食べる"},
        "kanji": None,
    }
    query = "query($id: ID!) { node(id: $id) { ... on Vocabulary { card { kind } cards { kind } } } }"
    found = (await shared.run(query, {"id": word}, user="kinds")).data["node"]
    assert found == {
        "card": {"kind": "RECOGNITION"},
        "cards": [{"kind": "RECALL"}, {"kind": "RECOGNITION"}, {"kind": "READING"}],
    }
    # Of other learners and anonymous requests.
    for user in ("no kinds", None):
        assert (await shared.run(query, {"id": word}, user=user)).data["node"] == {"card": None, "cards": []}


async def test_word_in_kana_has_no_card_of_its_reading(shared: Client) -> None:
    words = [await word_id(shared, word) for word in ("コーヒー", "食べる")]
    payload = await create(shared, "kana", words, "READING")
    assert payload["createdCount"] == 1
    assert [card["vocabulary"]["word"] for card in payload["cards"]] == ["食べる"]


async def test_concurrent_requests_create_one_card_of_a_kind(shared: Client) -> None:
    word, character = await word_id(shared, "食べる"), await kanji_id(shared, "食")
    kinds = ("RECALL", "RECOGNITION", "READING")
    payloads = await asyncio.gather(
        *(create(shared, "concurrent", [word], kind) for kind in kinds for _ in range(3)),
        *(create_of_kanji(shared, "concurrent", kanjiIds=[character], kind=kind) for kind in kinds for _ in range(3)),
    )
    assert sum(payload["createdCount"] for payload in payloads) == 2 * len(kinds)


async def test_cards_of_kanji(shared: Client) -> None:
    ids = [await kanji_id(shared, character) for character in "食日"]
    payload = await create_of_kanji(shared, "kanji", kanjiIds=[*ids, ids[0]])
    assert (payload["createdCount"], payload["errors"]) == (2, [])
    assert payload["cards"][1] | {"id": None} == {
        "id": None,
        "kind": "RECOGNITION",
        "subject": {"__typename": "Kanji", "character": "日"},
        "vocabulary": None,
        "kanji": {"id": ids[1], "character": "日"},
    }
    payload = await create_of_kanji(shared, "kanji", jlptLevel="N5", limit=5, kind="READING")
    assert (payload["createdCount"], len(payload["cards"])) == (5, 5)
    listed = "{ kanjiList(first: 5, filter: {jlptLevels: [N5]}) { nodes { character } } }"
    expected = [node["character"] for node in (await shared.run(listed)).data["kanjiList"]["nodes"]]
    assert [card["kanji"]["character"] for card in payload["cards"]] == expected
    query = '{ kanji(character: "食") { card { kind } cards { kind } } }'
    assert (await shared.run(query, user="kanji")).data["kanji"]["card"] == {"kind": "RECOGNITION"}
    query = """query($filter: CardFilter) {
        viewer { cards(first: 20, filter: $filter) { totalCount nodes { kind kanji { jlptLevel } } } }
    }"""
    for filter, count in (
        ({}, 7),
        ({"kinds": ["READING"]}, 5),
        ({"kinds": ["RECALL", "READING", "READING"]}, 5),
        ({"jlptLevels": ["N5"]}, 7),
        ({"jlptLevels": ["N1", "N2"]}, 0),
    ):
        found = (await shared.run(query, {"filter": filter}, user="kanji")).data["viewer"]["cards"]
        assert found["totalCount"] == count == len(found["nodes"]), filter


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({}, "REQUIRED", []),
        ({"kanjiIds": []}, "TOO_SHORT", ["kanjiIds"]),
        ({"kanjiIds": [global_id("Kanji", uuid4())] * 1_001}, "TOO_LONG", ["kanjiIds"]),
        ({"kanjiIds": [global_id("Kanji", uuid4())]}, "NOT_FOUND", ["kanjiIds", "0"]),
        ({"kanjiIds": [global_id("Vocabulary", uuid4())]}, "INVALID", ["kanjiIds", "0"]),
        ({"jlptLevel": "N5", "limit": 0}, "OUT_OF_RANGE", ["limit"]),
        ({"jlptLevel": "N5", "limit": 5_001}, "OUT_OF_RANGE", ["limit"]),
        ({"jlptLevel": "N5", "kanjiIds": [global_id("Kanji", uuid4())]}, "INVALID", ["jlptLevel"]),
    ],
)
async def test_invalid_input_of_kanji_is_rejected(shared: Client, input_: Any, code: str, path: list[str]) -> None:
    payload = await create_of_kanji(shared, "invalid kanji", **input_)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert payload["cards"] == []


async def test_card_has_exactly_one_subject(shared: Client, shared_database_url: str) -> None:
    word, character = await word_id(shared, "食べる"), await kanji_id(shared, "食")
    cards = (await create(shared, "subjects", [word]))["cards"]
    id = parse_global_id(cards[0]["id"])[1]
    async with owner_connection(shared_database_url) as owner:
        for change in ("kanji_id = $2::uuid", "vocabulary_id = null, kanji_id = nullif($2::uuid, $2)"):
            with pytest.raises(asyncpg.CheckViolationError, match="one_subject"):
                await owner.execute(f"update cards set {change} where id = $1", id, parse_global_id(character)[1])


async def test_cards_of_kanji_are_studied_and_reported(shared: Client, shared_database_url: str) -> None:
    [card] = (await create_of_kanji(shared, "student", kanjiIds=[await kanji_id(shared, "食")]))["cards"]
    assert [found["id"] for found in (await session(shared, "student"))["cards"]] == [card["id"]]
    payload = await review(shared, [answer(card["id"], "kanji", quality=5)], user="student")
    assert payload["results"][0]["error"] is None
    assert payload["dashboard"]["newToday"] == 1
    query = """{ viewer {
        reviews(first: 5) { nodes { card { kanji { character } vocabulary { id } } } }
        changes(types: [CARD]) { changes { objectId } }
        dashboard { levels { learning mature } }
    } }"""
    viewer = (await shared.run(query, user="student")).data["viewer"]
    assert viewer["reviews"]["nodes"] == [{"card": {"kanji": {"character": "食"}, "vocabulary": None}}]
    assert [change["objectId"] for change in viewer["changes"]["changes"]] == [card["id"]]
    # Levels count words.
    assert not any(level["learning"] + level["mature"] for level in viewer["dashboard"]["levels"])


async def test_known_words_are_counted_once(shared: Client, shared_database_url: str) -> None:
    [book] = await column(shared_database_url, "select book_id from book_texts order by book_id limit 1")
    words = await column(
        shared_database_url,
        "select vocabulary_id from book_vocabulary join vocabulary on vocabulary.id = vocabulary_id"
        f" where book_id = '{book}' and jlpt_level is not null and word <> reading order by position limit 10",
    )
    assert len(words) == 10
    ids = [global_id("Vocabulary", id) for id in words]
    for kind in CardKind:
        await create(shared, "counted", ids, kind.value)
    of_learner = "user_id = (select id from users where subject = 'counted')"
    await execute(
        shared_database_url,
        "update cards set state = 'REVIEW', due_day = '2026-01-01', repetitions = 3, interval_days = 30"
        f" where {of_learner};"
        f"update cards set interval_days = 5 where {of_learner} and kind = 'RECOGNITION' and vocabulary_id in"
        f" (select vocabulary_id from cards where {of_learner} group by 1 order by 1 limit 3)",
    )
    query = """query($book: ID!) {
        viewer { dashboard { levels { learning mature } } }
        book(id: $book) { coverage { words { known learning } } }
        vocabulary(filter: {hasCard: true}) { totalCount }
    }"""
    data = (await shared.run(query, {"book": global_id("Book", book)}, user="counted")).data
    assert data["vocabulary"]["totalCount"] == len(words)
    assert data["book"]["coverage"]["words"] == {"known": 7, "learning": 3}
    levels = data["viewer"]["dashboard"]["levels"]
    assert [sum(level[name] for level in levels) for name in ("learning", "mature")] == [3, 7]


async def test_siblings_wait_for_the_next_day(shared: Client) -> None:
    word = await word_id(shared, "学校")
    cards = [(await create(shared, "siblings", [word], kind))["cards"][0]["id"] for kind in ("RECOGNITION", "RECALL")]
    found = await session(shared, "siblings")
    assert ([card["id"] for card in found["cards"]], found["newLeft"]) == (cards[:1], 1)
    assert found["nextDueAt"] == found["limits"]["endsAt"]
    # A filter leaves the sibling out.
    found = await session(shared, "siblings", kinds=["RECALL"])
    assert [card["id"] for card in found["cards"]] == cards[1:]
    await review(shared, [answer(cards[0], "first", quality=5)], user="siblings")
    for filter in ({}, {"kinds": ["RECALL"]}, {"ignoreLimits": True}):
        found = await session(shared, "siblings", **filter)
        assert (cards[1] in [card["id"] for card in found["cards"]], found["newLeft"]) == (False, 0), filter
        assert found["nextDueAt"] == found["limits"]["endsAt"]
    undone = "mutation($ids: [ID!]!) { undoReviews(input: {reviewIds: $ids}) { errors { code } } }"
    query = "{ viewer { reviews(first: 1) { nodes { id } } } }"
    [node] = (await shared.run(query, user="siblings")).data["viewer"]["reviews"]["nodes"]
    await shared.run(undone, {"ids": [node["id"]]}, user="siblings")
    assert (await session(shared, "siblings", kinds=["RECALL"]))["newLeft"] == 1


async def test_siblings_are_shown_on_one_day_by_setting(shared: Client) -> None:
    update = "mutation { updateStudySettings(input: {burySiblings: false}) { settings { burySiblings } } }"
    word = await word_id(shared, "学校")
    cards = [(await create(shared, "no bury", [word], kind))["cards"][0]["id"] for kind in ("RECOGNITION", "RECALL")]
    changed = (await shared.run(update, user="no bury")).data["updateStudySettings"]
    assert changed == {"settings": {"burySiblings": False}}
    found = await session(shared, "no bury")
    assert ([card["id"] for card in found["cards"]], found["newLeft"]) == (cards, 2)
    await review(shared, [answer(cards[0], "first", quality=5)], user="no bury")
    assert [card["id"] for card in (await session(shared, "no bury"))["cards"]] == cards[1:]


CHECK = "query($card: ID!, $answer: String!) { checkAnswer(cardId: $card, answer: $answer) { result matched } }"


async def test_answers_are_checked_by_what_the_card_asks(shared: Client) -> None:
    word, character = await word_id(shared, "食べる"), await kanji_id(shared, "食")
    answers = ("to eat", "たべる", "食べる", "食る", "くべる", "しょく", "食")
    found: dict[str, list[str]] = {}
    for kind in CardKind:
        cards = (await create(shared, "checks", [word], kind.value))["cards"]
        cards += (await create_of_kanji(shared, "checks", kanjiIds=[character], kind=kind.value))["cards"]
        for card in cards:
            results = [
                (await shared.run(CHECK, {"card": card["id"], "answer": text}, user="checks")).data["checkAnswer"]
                for text in answers
            ]
            found[f"{kind.value} {card['subject']['__typename']}"] = [result["result"] for result in results]
    field, wrong, no = "WRONG_FIELD", "WRONG_READING", "INCORRECT"
    assert found == {
        "RECOGNITION Vocabulary": ["CORRECT", field, field, no, no, no, no],
        "RECALL Vocabulary": [field, "CORRECT", "CORRECT", "WRONG_OKURIGANA", wrong, no, "WRONG_OKURIGANA"],
        "READING Vocabulary": [field, "CORRECT", field, no, wrong, no, no],
        "RECOGNITION Kanji": ["CORRECT", field, no, no, no, field, field],
        "RECALL Kanji": [field, field, no, no, no, field, "CORRECT"],
        "READING Kanji": [field, "CORRECT", no, no, no, "CORRECT", field],
    }


async def test_session_takes_as_many_statements_with_siblings(shared: Client, shared_database_url: str) -> None:
    before = (await shared.run(SESSION, {"filter": {}}, user="statements")).statements
    words = await column(shared_database_url, "select id from vocabulary where word <> reading order by id limit 40")
    for kind in CardKind:
        await create(shared, "statements", [global_id("Vocabulary", id) for id in words], kind.value)
    answered = await shared.run(SESSION, {"filter": {}}, user="statements")
    assert len(answered.data["viewer"]["studySession"]["cards"]) == 20
    assert answered.statements <= before
