"""Example sentences that contain a word, those first whose other words the learner knows."""

import random
from typing import Any
from uuid import UUID

import pytest

from domain.ids import parse_global_id
from tests.book_words import GRAMMAR, create_learner
from tests.clients import Client

FIND = """
    query($id: ID!, $known: Boolean, $first: Int, $after: String) {
        exampleSentences(vocabularyId: $id, known: $known, first: $first, after: $after) {
            nodes { japanese english tokens { dictionaryForm partOfSpeech vocabulary { id } } }
            totalCount pageInfo { hasNextPage endCursor }
        }
    }
"""
WORD = "query($s: String!) { searchVocabulary(query: $s, first: 1) { nodes { id word } } }"


async def word_of(client: Client, text: str) -> str:
    [node] = (await client.run(WORD, {"s": text})).data["searchVocabulary"]["nodes"]
    assert node["word"] == text
    id: str = node["id"]
    return id


async def find(client: Client, id: str, user: str | None = None, **arguments: Any) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    variables = {"id": id, "first": 40, **arguments}
    while True:
        page = (await client.run(FIND, variables, user=user)).data["exampleSentences"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        variables["after"] = page["pageInfo"]["endCursor"]


def words_of(sentence: dict[str, Any]) -> set[UUID | str]:
    """The ids of the sentence's words, and the words that the dictionary does not have."""
    words: set[UUID | str] = set()
    for token in sentence["tokens"]:
        if token["partOfSpeech"] in GRAMMAR:
            continue
        if token["vocabulary"] is not None:
            words.add(parse_global_id(token["vocabulary"]["id"])[1])
        elif token["partOfSpeech"] not in ("NUMERAL", "PROPER_NOUN"):
            words.add(token["dictionaryForm"])
    return words


async def test_sentences_contain_the_word_in_any_form(shared: Client) -> None:
    for text, forms in (("食べる", ("食べ",)), ("傘", ("傘", "かさ")), ("行く", ("行", "い"))):
        id = await word_of(shared, text)
        sentences = await find(shared, id)
        assert len(sentences) > 3
        for sentence in sentences:
            assert parse_global_id(id)[1] in words_of(sentence)
            assert any(form in sentence["japanese"] for form in forms)
        texts = [sentence["japanese"] for sentence in sentences]
        assert len({*texts}) == len(texts)
        numbers = [len(words_of(sentence)) for sentence in sentences]
        assert numbers == sorted(numbers)


async def test_known_sentences_come_first(shared: Client, shared_database_url: str) -> None:
    id = await word_of(shared, "食べる")
    word = parse_global_id(id)[1]
    sentences = await find(shared, id)
    others = sorted({other for found in sentences for other in words_of(found) if isinstance(other, UUID)} - {word})
    chosen = random.Random(1).sample(others, len(others) // 2)
    cards = {other: ("REVIEW", 21.0 if index % 3 else 20.0) for index, other in enumerate(chosen)}
    await create_learner(shared, shared_database_url, "sentences", cards)
    known = {other for other, (_, interval) in cards.items() if interval >= 21}

    def unknown(sentence: dict[str, Any]) -> int:
        return len(words_of(sentence) - known - {word})

    found = await find(shared, id, "sentences")
    assert {sentence["japanese"] for sentence in found} == {sentence["japanese"] for sentence in sentences}
    numbers = [unknown(sentence) for sentence in found]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0 < numbers[-1]
    readable = await find(shared, id, "sentences", known=True)
    assert readable == found[: numbers.count(0)]
    assert await find(shared, id, "sentences", known=False) == found


async def test_known_sentences_require_authentication(shared: Client) -> None:
    id = await word_of(shared, "傘")
    assert (await shared.run(FIND, {"id": id, "known": True})).error_codes == ["UNAUTHENTICATED"]
    assert await find(shared, id, "no cards", known=True) == []


@pytest.mark.usefixtures("unknown_words")
async def test_number_of_statements_is_constant(shared: Client) -> None:
    id = await word_of(shared, "食べる")
    counts = {(await shared.run(FIND, {"id": id, "first": first}, user="demo")).statements for first in (1, 40)}
    assert len(counts) == 1


@pytest.mark.parametrize("id", ["nonsense", "Qm9vazowMTliNzZkYS1hODAxLTdmZTEtYmNhZi0yZjZlNzBmNzAwMDU="])
async def test_id_of_another_type_is_rejected(shared: Client, id: str) -> None:
    assert (await shared.run(FIND, {"id": id})).error_codes == ["BAD_USER_INPUT"]
