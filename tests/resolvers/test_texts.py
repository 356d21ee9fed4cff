"""Analysed text: tokens with their entries of the dictionary, readings and furigana."""

from typing import Any

import pytest

from tests.clients import Client

TOKEN = """
    fragment Parts on Token { surface dictionaryForm reading partOfSpeech inflection level furigana { text reading }
        vocabulary { id word reading } kanji { character } card { id } }
"""
ANALYZE = f"""
    query($text: String!, $first: Int) {{ analyzeText(text: $text, first: $first) {{
        hasMoreSentences sentences {{ text tokens {{ ...Parts }} }} }} }} {TOKEN}
"""
TEXT = "お父さんは食べられなかった。「研究所へ行きますか。」運転手は日本語を勉強しました。"


async def analyzed(client: Client, text: str, first: int | None = None, user: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(ANALYZE, {"text": text, "first": first}, user=user)).data["analyzeText"]
    return found


def tokens_of(analysis: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {token["surface"]: token for sentence in analysis["sentences"] for token in sentence["tokens"]}


async def test_tokens_have_entries_readings_and_furigana(client: Client) -> None:
    analysis = await analyzed(client, TEXT)
    assert [sentence["text"] for sentence in analysis["sentences"]] == [
        "お父さんは食べられなかった。",
        "「研究所へ行きますか。」運転手は日本語を勉強しました。",
    ]
    tokens = tokens_of(analysis)
    eaten = tokens["食べられなかった"]
    assert eaten["dictionaryForm"] == eaten["vocabulary"]["word"] == "食べる"
    assert eaten["inflection"] == ["PASSIVE", "NEGATIVE", "PAST"]
    assert eaten["furigana"] == [{"text": "食", "reading": "た"}, {"text": "べられなかった", "reading": None}]
    assert [kanji["character"] for kanji in eaten["kanji"]] == ["食"]
    assert (eaten["partOfSpeech"], eaten["level"]) == ("VERB", "N5")
    assert tokens["勉強しました"]["vocabulary"]["word"] in ("勉強", "勉強する")
    assert tokens["は"]["vocabulary"] is None
    assert tokens["。"] == {
        "surface": "。",
        "dictionaryForm": "。",
        "reading": None,
        "partOfSpeech": "SYMBOL",
        "inflection": [],
        "level": None,
        "furigana": [{"text": "。", "reading": None}],
        "vocabulary": None,
        "kanji": [],
        "card": None,
    }


@pytest.mark.parametrize(
    ("word", "reading"),
    [("お父さん", "おとうさん"), ("運転手", "うんてんしゅ"), ("おばあさん", "おばあさん"), ("久しぶり", "ひさしぶり")],
)
async def test_tokens_that_are_one_entry_are_one_token(client: Client, word: str, reading: str) -> None:
    token = tokens_of(await analyzed(client, f"あの{word}は、とてもいい。"))[word]
    assert (token["reading"], token["vocabulary"]["reading"]) == (reading, reading)


@pytest.mark.parametrize(("text", "word"), [("思へり", "り"), ("行かむとす", "す")])
async def test_classical_auxiliary_is_no_noun_that_is_read_so(client: Client, text: str, word: str) -> None:
    assert tokens_of(await analyzed(client, text))[word]["vocabulary"] is None


async def test_card_is_the_viewers(client: Client) -> None:
    nodes = (await client.run("{ viewer { cards(first: 5) { nodes { id vocabulary { word } } } } }", user="demo")).data
    cards = {node["vocabulary"]["word"]: node["id"] for node in nodes["viewer"]["cards"]["nodes"]}
    analysis = await analyzed(client, "。".join(cards), user="demo")
    found = {
        token["vocabulary"]["word"]: token["card"]["id"]
        for sentence in analysis["sentences"]
        for token in sentence["tokens"]
        if token["card"]
    }
    assert found
    assert found.items() <= cards.items() | found.items()
    assert set(found.values()) & set(cards.values())
    anonymous = await analyzed(client, "。".join(cards))
    assert all(token["card"] is None for sentence in anonymous["sentences"] for token in sentence["tokens"])


async def test_sentences_are_limited(client: Client) -> None:
    analysis = await analyzed(client, "行く。" * 12, first=5)
    assert [sentence["text"] for sentence in analysis["sentences"]] == ["行く。"] * 5
    assert analysis["hasMoreSentences"]
    assert not (await analyzed(client, "行く。" * 5, first=5))["hasMoreSentences"]
    # A sentence with too many words is cut after a comma.
    [first, *others] = (await analyzed(client, "猫と犬と鳥と、" * 10))["sentences"]
    assert first["text"].endswith("、")
    assert others
    assert "".join(sentence["text"] for sentence in [first, *others]) == "猫と犬と鳥と、" * 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "🙂👨‍👩‍👧",
        "안녕하세요",
        "你好，我们去吃饭",
        "\u200f\u202e本\u200b",
        "本\x01を\x1b読む",
        "hello 12",
        "שלום \u200f日本\u200e مرحبا",
        "🙂" * 2000,
        "韓国어中文们日本語",
        "。" * 500,
        "々〆ヶ",
        "あ" * 2000,
    ],
)
async def test_any_text_is_analyzed(client: Client, text: str) -> None:
    query = """query($text: String!) { analyzeText(text: $text, first: 200) {
        sentences { text tokens { surface furigana { text } } } } }"""
    analysis = (await client.run(query, {"text": text})).data["analyzeText"]
    assert "".join(sentence["text"] for sentence in analysis["sentences"]) == text
    for sentence in analysis["sentences"]:
        assert "".join(token["surface"] for token in sentence["tokens"]) == sentence["text"]
        for token in sentence["tokens"]:
            assert "".join(part["text"] for part in token["furigana"]) == token["surface"]


@pytest.mark.parametrize(
    ("text", "first", "message"),
    [
        ("あ" * 2001, None, "text has 2001 characters; the maximum is 2000."),
        ("本", 0, "first: 0 is outside 1 to 200."),
        ("本", 201, "first: 201 is outside 1 to 200."),
    ],
)
async def test_bounds(client: Client, text: str, first: int | None, message: str) -> None:
    answer = await client.run(
        "query($t: String!, $n: Int) { analyzeText(text: $t, first: $n) { hasMoreSentences } }", {"t": text, "n": first}
    )
    assert (answer.error_codes, answer.messages) == (["BAD_USER_INPUT"], [message])


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff\\ud800", "\\u0000"], ids=["high", "reversed", "null"])
async def test_text_that_is_no_text_is_rejected(client: Client, escape: str) -> None:
    query = "query($t: String!) { analyzeText(text: $t) { hasMoreSentences } }"
    body = f'{{"query": "{query}", "variables": {{"t": "本{escape}本"}}}}'
    response = await client.http.post("/graphql", content=body.encode(), headers={"Content-Type": "application/json"})
    assert response.status_code < 500
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_example_sentences_have_tokens(client: Client) -> None:
    nodes = (
        await client.run(
            "{ vocabulary(first: 20) { nodes { examples { japanese tokens { surface furigana { text reading } } } } } }"
        )
    ).data["vocabulary"]["nodes"]
    examples = [example for node in nodes for example in node["examples"]]
    assert len(examples) > 10
    for example in examples:
        assert "".join(token["surface"] for token in example["tokens"]) == example["japanese"]
