"""checkAnswer compares an answer with what the viewer's card asks, and changes nothing."""

from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.schema.selections import FREQUENT_WORD

CREATE = "mutation($ids: [ID!]!) { createCards(input: {vocabularyIds: $ids}) { cards { id } errors { code } } }"
CHECK = """
    query($card: ID!, $answer: String!) { checkAnswer(cardId: $card, answer: $answer) { result expected matched } }
"""
SEARCH = "query($word: String!) { searchVocabulary(query: $word, first: 5) { nodes { id word } } }"


async def card_of(client: Client, user: str, word: str) -> str:
    nodes = (await client.run(SEARCH, {"word": word})).data["searchVocabulary"]["nodes"]
    found = next(node["id"] for node in nodes if node["word"] == word)
    id: str = (await client.run(CREATE, {"ids": [found]}, user=user)).data["createCards"]["cards"][0]["id"]
    return id


async def check(client: Client, user: str, card: str, answer: str) -> Any:
    return (await client.run(CHECK, {"card": card, "answer": answer}, user=user)).data["checkAnswer"]


async def test_answers_to_words_of_the_dictionary(shared: Client) -> None:
    user = "answers"
    cards = {word: await card_of(shared, user, word) for word in ("食べる", "馬", "学校", "終わる")}
    found = {
        (word, answer): await check(shared, user, cards[word], answer)
        for word, answers in {
            "食べる": ("to eat", "Eat", "ate", "taberu", "drink", ""),
            # A house is no typing error.
            "馬": ("horse", "hores", "house"),
            "学校": ("a school", "shcool"),
            "終わる": ("to finish", "finihs"),
        }.items()
        for answer in answers
    }
    assert {key: (value["result"], value["matched"]) for key, value in found.items()} == {
        ("食べる", "to eat"): ("CORRECT", "to eat"),
        ("食べる", "Eat"): ("CORRECT", "to eat"),
        ("食べる", "ate"): ("CLOSE", "to eat"),
        ("食べる", "taberu"): ("WRONG_FIELD", "たべる"),
        ("食べる", "drink"): ("INCORRECT", None),
        ("食べる", ""): ("INCORRECT", None),
        ("馬", "horse"): ("CORRECT", "horse"),
        ("馬", "hores"): ("CLOSE", "horse"),
        ("馬", "house"): ("INCORRECT", None),
        ("学校", "a school"): ("CORRECT", "school"),
        ("学校", "shcool"): ("CLOSE", "school"),
        ("終わる", "to finish"): ("CORRECT", "to finish"),
        ("終わる", "finihs"): ("CLOSE", "to finish"),
    }
    assert found["食べる", "drink"]["expected"][0] == "to eat"


async def test_it_changes_nothing(shared: Client) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Card { state dueAt version lastReviewedAt } } }"
    card = await card_of(shared, "unchanged", "食べる")
    before = (await shared.run(query, {"id": card}, user="unchanged")).data
    assert (await check(shared, "unchanged", card, "to eat"))["result"] == "CORRECT"
    assert (await shared.run(query, {"id": card}, user="unchanged")).data == before


async def test_other_cards_are_unknown(shared: Client) -> None:
    card = await card_of(shared, "owner of a card", "食べる")
    for id in (card, global_id("Card", uuid4())):
        assert await check(shared, "stranger", id, "to eat") is None
    answer = await shared.run(CHECK, {"card": card, "answer": "to eat"})
    assert (answer.body["data"], answer.error_codes) == ({"checkAnswer": None}, ["UNAUTHENTICATED"])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"answer": "e" * 301}, "answer has 301 characters; the maximum is 300."),
        ({"answer": "to\neat"}, "answer has line breaks or other control characters."),
        ({"answer": "eat\u0007"}, "answer has line breaks or other control characters."),
        ({"answer": "\u202eeat"}, "answer has line breaks or other control characters."),
        ({"card": global_id("Vocabulary", FREQUENT_WORD)}, "Vocabulary"),
        ({"card": "nonsense"}, "nonsense"),
    ],
)
async def test_invalid_input_is_rejected(shared: Client, variables: dict[str, str], message: str) -> None:
    answer = await shared.run(
        CHECK, {"card": global_id("Card", uuid4()), "answer": "eat", **variables}, user="invalid answers"
    )
    assert answer.error_codes == ["BAD_USER_INPUT"]
    assert message in answer.messages[0]


@pytest.mark.usefixtures("unknown_words")
async def test_statements_do_not_depend_on_the_number_of_answers(shared: Client) -> None:
    words = ("食べる", "学校", "馬", "水", "山")
    cards = [await card_of(shared, "several answers", word) for word in words]
    counts = []
    for number in (1, len(words)):
        checks = " ".join(
            f'c{n}: checkAnswer(cardId: "{cards[n]}", answer: "hores") {{ result }}' for n in range(number)
        )
        counts.append((await shared.run(f"{{ {checks} }}", user="several answers")).statements)
    assert counts[1] - counts[0] <= 1
