"""Words with their forms and senses, as JMdict has them."""

from typing import Any

from tests.clients import Client
from tests.content.jmdict import needs_jmdict

FIELDS = """
    word
    forms { text kind isCommon tags }
    senses { partsOfSpeech fields misc dialects glosses note forms }
"""
SEARCH = f"query($query: String!) {{ searchVocabulary(query: $query, first: 1) {{ nodes {{ {FIELDS} }} }} }}"
LIST = f"query($first: Int!) {{ vocabulary(first: $first) {{ nodes {{ id {FIELDS} }} }} }}"

pytestmark = needs_jmdict


async def word(client: Client, spelling: str) -> dict[str, Any]:
    [node] = (await client.run(SEARCH, {"query": f'"{spelling}" #n5'})).data["searchVocabulary"]["nodes"]
    assert node["word"] == spelling
    found: dict[str, Any] = node
    return found


async def test_forms_have_kinds_tags_and_commonness(client: Client) -> None:
    forms = (await word(client, "食べる"))["forms"]
    assert forms == [
        {"text": "食べる", "kind": "KANJI", "isCommon": True, "tags": []},
        {"text": "喰べる", "kind": "KANJI", "isCommon": False, "tags": ["IRREGULAR_KANJI"]},
        {"text": "たべる", "kind": "KANA", "isCommon": True, "tags": []},
    ]
    tags = {form["text"]: form["tags"] for form in (await word(client, "赤"))["forms"]}
    assert tags["緋"] == ["OUTDATED_KANJI"]
    assert tags["赤"] == []


async def test_senses_are_restricted_to_forms(client: Client) -> None:
    senses = (await word(client, "明日"))["senses"]
    assert [(sense["glosses"], sense["forms"]) for sense in senses] == [(["tomorrow"], []), (["near future"], ["あす"])]
    assert senses[0]["partsOfSpeech"] == ["NOUN", "ADVERB"]


async def test_senses_have_dialects_fields_styles_and_notes(client: Client) -> None:
    myself = (await client.run(SEARCH, {"query": '"自分"'})).data["searchVocabulary"]["nodes"][0]
    assert [(sense["dialects"], sense["glosses"][0]) for sense in myself["senses"]] == [
        ([], "myself"),
        ([], "I"),
        (["KANSAI"], "you"),
    ]
    red = (await word(client, "赤"))["senses"]
    assert "often written as アカ" in [sense["note"] for sense in red]
    assert ["COLLOQUIAL"] in [sense["misc"] for sense in red]
    assert ["HANAFUDA"] in [sense["fields"] for sense in red]


async def test_statements_do_not_grow_with_the_words(client: Client) -> None:
    counts = [(await client.run(LIST, {"first": first}, user="demo")).statements for first in (7, 23)]
    assert counts[0] == counts[1] <= 4, counts
