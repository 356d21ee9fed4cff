"""Every argument that is searched for, with text that nobody searches for: an error that says so, or a page."""

import json

import pytest

from tests.clients import Client

# All arguments in one request.
SEARCHES = """
    query($text: String!) {
        vocabulary: searchVocabulary(query: $text, first: 5) { nodes { word } edges { deinflection } totalCount }
        kanji: searchKanji(query: $text, first: 5) { nodes { character } totalCount }
        reading: kanjiList(first: 5, filter: {reading: $text}) { nodes { character } totalCount }
        meaning: kanjiList(first: 5, filter: {meaning: $text}) { nodes { character } totalCount }
        component: kanjiList(first: 5, filter: {component: $text}) { nodes { character } totalCount }
        books(first: 5, filter: {search: $text}) { nodes { title } totalCount }
        textbooks(first: 5, filter: {search: $text}) { nodes { title } totalCount }
    }
"""
TEXTS = {
    "nothing": "",
    "a megabyte": "a" * 1_000_000,
    "a lone surrogate": "食\ud800べる",
    "control characters": "食\x01\x1bべ\x7fる",
    "a null byte": "食べ\x00る",
    "emoji": "🍣🇯🇵👩‍👩‍👧‍👦",
    "an emoji in a word": "寿司🍣",
    "Chinese": "图书馆学习汉语",
    "Korean": "안녕하세요 도서관",
    "right-to-left marks": "\u200f\u202e食べる\u202c",
    "right-to-left marks only": "\u200f\u202e\u2067",
    "Arabic": "مكتبة",
    "combining marks": "e" + "\u0301" * 99,
    "wildcards": "*?*",
    "wildcards in full width": "＊？＊",
    "a thousand wildcards": "*" * 1_000,
    "a hundred wildcards": "*a" * 50,
    "wildcards between kana": "*あ?" * 33,
    "LIKE patterns": "%_%_食%",
    "an unbalanced quote": '"食べる',
    "another unbalanced quote": "食べる」",
    "quotes only": '""「」',
    "a quoted wildcard": '"*"',
    "brackets": "((((eat",
    "backslashes": "\\\\a\\",
    "an unknown tag": "水 #n9",
    "tags only": "#n5 #common",
    "number signs": "#" * 100,
    "endings": "られ" * 50,
    "n": "n" * 100,
    "apostrophes": "n'" * 50,
    "noncharacters": "\uffff\ufffe食",
    "variation selectors": "\U000e0100" * 100,
    "ideographs beyond the first plane": "𠮷野家",
    "tsquery operators": "!(食 <-> べ) & a:*B |",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_search_is_answered_or_refused(client: Client, text: str) -> None:
    # With escapes, because a lone surrogate has no encoding.
    body = json.dumps({"query": SEARCHES, "variables": {"text": text}})
    response = await client.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code < 500
    answer = response.json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert codes <= {"BAD_USER_INPUT"}, answer
    assert codes or all(answer["data"].values())


async def test_control_and_bidirectional_characters_do_not_hide_a_word(client: Client) -> None:
    query = "query($text: String!) { searchVocabulary(query: $text, first: 1) { nodes { word } } }"
    for text in (TEXTS["right-to-left marks"], TEXTS["an unbalanced quote"], TEXTS["another unbalanced quote"]):
        assert (await client.run(query, {"text": text})).data["searchVocabulary"]["nodes"] == [{"word": "食べる"}], text


@pytest.mark.parametrize("text", ["a*", "s*", "し*", "*い", "し*い", "a*e"])
async def test_wildcard_with_one_letter_is_refused(client: Client, text: str) -> None:
    answer = await client.run("query($text: String!) { searchVocabulary(query: $text) { totalCount } }", {"text": text})
    assert answer.error_codes == ["BAD_USER_INPUT"]
    assert "two letters or a kanji at its start or end" in answer.messages[0]
