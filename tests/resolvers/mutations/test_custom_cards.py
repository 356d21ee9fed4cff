"""Cards of words that the dictionary does not have: created, studied, answered, searched, exported and private."""

from typing import Any

import pytest

from tests.clients import Client
from tests.device_copies import DeviceCopy
from tests.review_assertions import answer, check_learner, review

CREATE = """
    mutation($input: CreateCustomCardsInput!) { createCustomCards(input: $input) {
        createdCount errors { code path }
        cards { id kind state vocabulary { id } kanji { id } customVocabulary { id }
            subject { __typename ... on CustomVocabulary { id word reading meaning cards { id kind } } } }
    } }
"""
CHECK = "query($id: ID!, $answer: String!) { checkAnswer(cardId: $id, answer: $answer) { result expected } }"
SEARCH = """
    query($search: String!) { viewer { cards(first: 50, filter: {search: $search}) {
        nodes { subject { ... on CustomVocabulary { word } } } } } }
"""
SESSION = """
    { viewer { studySession(first: 100, filter: {kinds: [RECOGNITION]}) { cards {
        id subject { ... on CustomVocabulary { word } } } } } }
"""
WORD = {"word": "推し活", "reading": "おしかつ", "meaning": "supporting one's favourite; fan activities"}


async def create(client: Client, *words: dict[str, Any], user: str = "own words", kind: str = "RECOGNITION") -> Any:
    answer = await client.run(CREATE, {"input": {"words": list(words), "kind": kind}}, user=user)
    return answer.data["createCustomCards"]


async def checked(client: Client, id: str, text: str) -> str:
    data = (await client.run(CHECK, {"id": id, "answer": text}, user="own words")).data
    result: str = data["checkAnswer"]["result"]
    return result


async def test_own_words_are_studied_like_others(writable: Client, writable_database_url: str) -> None:
    created = await create(writable, WORD, {"word": "ぴえん"})
    assert (created["createdCount"], created["errors"]) == (2, [])
    card, other = created["cards"]
    assert (card["vocabulary"], card["kanji"]) == (None, None)
    assert card["customVocabulary"]["id"] == card["subject"]["id"]
    assert {name: card["subject"][name] for name in WORD} == WORD
    assert (other["subject"]["reading"], other["subject"]["meaning"]) == ("", None)
    for kind, number in (("RECALL", 3), ("READING", 1)):
        words = [WORD, {"word": "ぴえん"}, {"word": "ググる", "reading": "ぐぐる"}]
        assert (await create(writable, *words, kind=kind))["createdCount"] == number
    again = await create(writable, {**WORD, "meaning": "fan activities"})
    assert (again["createdCount"], again["cards"][0]["id"]) == (0, card["id"])
    assert again["cards"][0]["subject"]["meaning"] == "fan activities"
    assert [each["kind"] for each in again["cards"][0]["subject"]["cards"]] == ["RECOGNITION", "RECALL", "READING"]

    session = (await writable.run(SESSION, user="own words")).data["viewer"]["studySession"]["cards"]
    assert {"推し活", "ぴえん"} <= {each["subject"].get("word") for each in session}
    assert await checked(writable, card["id"], "fan activities") == "CORRECT"
    assert await checked(writable, card["id"], "おしかつ") == "WRONG_FIELD"
    assert await checked(writable, card["id"], "bridge") == "INCORRECT"
    # A word in kana is its own reading.
    assert await checked(writable, other["id"], "pien") == "WRONG_FIELD"
    await review(writable, [answer(card["id"], "first", 4)], "own words")
    assert await check_learner(writable_database_url, "own words") == 1

    for search, found in (("推し", ["推し活"]), ("おしか", ["推し活"]), ("FAN ACT", ["推し活"]), ("ぴえ", ["ぴえん"])):
        nodes = (await writable.run(SEARCH, {"search": search}, user="own words")).data["viewer"]["cards"]["nodes"]
        assert sorted({node["subject"].get("word") for node in nodes}) == found, search


async def test_own_words_are_exported_changed_and_deleted(writable: Client, writable_database_url: str) -> None:
    card = (await create(writable, WORD))["cards"][0]["id"]
    headers = {"Authorization": f"Bearer {writable.token('own words')}"}
    rows = (await writable.http.get("/exports/cards.jsonl", headers=headers)).text.splitlines()
    assert '"OWN_WORD"' in rows[0]
    assert "推し活" in rows[0]
    device = DeviceCopy(writable, "own words", types=["CARD"])
    await device.catch_up(writable_database_url)
    await create(writable, WORD)
    assert await device.catch_up(writable_database_url) == []
    await create(writable, {**WORD, "meaning": "fan activities"})
    assert {change["objectId"] for change in await device.catch_up(writable_database_url)} == {card}
    delete = "mutation($input: DeleteCardsInput!) { deleteCards(input: $input) { errors { code } } }"
    answered = await writable.run(delete, {"input": {"cardIds": [card]}}, user="own words")
    assert answered.data["deleteCards"]["errors"] == []
    restored = await create(writable, WORD)
    assert (restored["createdCount"], restored["cards"][0]["id"]) == (0, card)


async def test_own_words_are_private(writable: Client) -> None:
    subject = (await create(writable, WORD))["cards"][0]["subject"]["id"]
    query = "query($id: ID!) { node(id: $id) { ... on CustomVocabulary { word cards { id } } } }"
    assert (await writable.run(query, {"id": subject}, user="own words")).data["node"]["word"] == WORD["word"]
    for other in ("other", "admin", None):
        assert (await writable.run(query, {"id": subject}, user=other)).data["node"] is None
    # Another learner has a word of their own.
    assert (await create(writable, WORD, user="other"))["cards"][0]["subject"]["id"] != subject


@pytest.mark.parametrize(
    ("word", "code", "field"),
    [
        ({"word": " "}, "REQUIRED", "word"),
        ({"word": "あ" * 101}, "TOO_LONG", "word"),
        ({"word": "あ", "reading": "あ" * 101}, "TOO_LONG", "reading"),
        ({"word": "あ", "meaning": "a" * 501}, "TOO_LONG", "meaning"),
        ({"word": "あ\nい"}, "INVALID", "word"),
    ],
)
async def test_invalid_words_are_rejected(client: Client, word: dict[str, str], code: str, field: str) -> None:
    [error] = (await create(client, word, user="demo"))["errors"]
    assert (error["code"], error["path"]) == (code, ["words", "0", field])
