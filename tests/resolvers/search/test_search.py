"""The word search ranks the intended word first, however it is typed."""

import pytest

from tests.clients import Client

SEARCH = """
    query($query: String!, $filter: VocabularyFilter, $first: Int, $after: String) {
        searchVocabulary(query: $query, filter: $filter, first: $first, after: $after) {
            totalCount
            pageInfo { endCursor hasNextPage }
            nodes { word reading meanings jlptLevel }
            edges { score matchedOn node { word } }
        }
    }
"""

# A search term, and the word that must be first.
FIRST = {
    # Kanji, kana, half-width kana, katakana for a word in hiragana.
    "食べる": "食べる",
    "たべる": "食べる",
    "タベル": "食べる",
    "学校": "学校",
    "がっこう": "学校",
    "コーヒー": "コーヒー",
    "ｺｰﾋｰ": "コーヒー",
    "大きい": "大きい",
    "びょういん": "病院",
    "  食べる  ": "食べる",
    # One kanji, two characters, the beginning of a word.
    "水": "水",
    "人": "人",
    "今": "今",
    "猫": "猫",
    "話": "話",
    "食べ": "食べる",
    "図書": "図書",
    "ひと": "人",
    "きの": "昨日",
    # Romaji: Hepburn, kunrei, long vowels in every way, capitals.
    "taberu": "食べる",
    "TABERU": "食べる",
    "gakkou": "学校",
    "gakko": "学校",
    "gakkō": "学校",
    "tomodachi": "友達",
    "tomodati": "友達",
    "shinbun": "新聞",
    "shimbun": "新聞",
    "toshokan": "図書館",
    "tosyokan": "図書館",
    "ookii": "大きい",
    "oki": "沖",
    "koohii": "コーヒー",
    "paatii": "パーティー",
    "byouin": "病院",
    "hashiru": "走る",
    "hasiru": "走る",
    "shinjiru": "信じる",
    # English, with and without what surrounds a word.
    "to eat": "食べる",
    "eat": "食べる",
    "water": "水",
    "school": "学校",
    "cat": "猫",
    "the cat": "猫",
    "Japan": "日本",
    "newspaper": "新聞",
    "library": "図書館",
    "teacher": "先生",
    "yesterday": "昨日",
    # Typos in romaji and in English.
    "tabru": "食べる",
    "tabery": "食べる",
    "restraunt": "レストラン",
    "beleive": "信じる",
    "hosptial": "病院",
}


@pytest.mark.parametrize("query", FIRST)
async def test_best_match_is_first(client: Client, query: str) -> None:
    found = (await client.run(SEARCH, {"query": query, "first": 3})).data["searchVocabulary"]
    assert [node["word"] for node in found["nodes"]][:1] == [FIRST[query]], found["nodes"]


@pytest.mark.parametrize("query", ["たべる", "食べる", "taberu", "to eat", "tabru"])
async def test_to_eat_is_found_in_every_way(client: Client, query: str) -> None:
    found = (await client.run(SEARCH, {"query": query})).data["searchVocabulary"]
    assert "食べる" in [node["word"] for node in found["nodes"]]


@pytest.mark.parametrize(
    ("query", "matched_on"),
    [
        ("食べる", ["WORD"]),
        ("たべる", ["READING"]),
        ("taberu", ["ROMAJI"]),
        ("eat", ["MEANING"]),
        ("tabru", ["ROMAJI"]),
    ],
)
async def test_matched_field_is_reported(client: Client, query: str, matched_on: list[str]) -> None:
    edge = (await client.run(SEARCH, {"query": query, "first": 1})).data["searchVocabulary"]["edges"][0]
    assert edge["matchedOn"] == matched_on
    assert 0 < edge["score"] <= 1


@pytest.mark.parametrize(
    ("query", "english", "japanese"),
    [
        ("make", "作る", {"負ける", "巻く", "蒔く"}),
        ("take", "取る", {"竹", "焚く", "炊く"}),
        ("more", "もっと", {"盛る", "漏れる"}),
        ("ende", "終わる", {"艶"}),
        ("time", "時間", {"地名"}),
    ],
)
async def test_english_word_that_is_romaji_finds_both(
    client: Client, query: str, english: str, japanese: set[str]
) -> None:
    nodes = (await client.run(SEARCH, {"query": query})).data["searchVocabulary"]["nodes"]
    words = [node["word"] for node in nodes]
    assert words[0] == english
    assert japanese <= set(words), words


async def test_zu_of_romaji_is_either_kana(client: Client) -> None:
    """つづける in the inflection, and ず in the word 合図."""
    nodes = (await client.run(SEARCH, {"query": "aizushitsuzukeru"})).data["searchVocabulary"]["nodes"]
    assert "合図" in [node["word"] for node in nodes]


# Of `make`, matches in romaji have places between those in English.
@pytest.mark.parametrize("query", ["人", "make"])
async def test_scores_decrease_and_pages_cover_the_results(client: Client, query: str) -> None:
    whole = (await client.run(SEARCH, {"query": query, "first": 100})).data["searchVocabulary"]
    scores = [edge["score"] for edge in whole["edges"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == min(whole["totalCount"], 100) > 20
    words: list[str] = []
    after = None
    while len(words) < len(scores):
        page = (await client.run(SEARCH, {"query": query, "first": 7, "after": after})).data["searchVocabulary"]
        words += [edge["node"]["word"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is (len(words) < whole["totalCount"])
    assert words[:100] == [edge["node"]["word"] for edge in whole["edges"]]


async def test_filters(client: Client) -> None:
    easy = {"query": "学", "filter": {"jlptLevels": ["N5"]}, "first": 50}
    levels = {node["jlptLevel"] for node in (await client.run(SEARCH, easy)).data["searchVocabulary"]["nodes"]}
    assert levels == {"N5"}
    counts = [
        (await client.run(SEARCH, {"query": "学", "filter": filter_}, user="demo")).data["searchVocabulary"][
            "totalCount"
        ]
        for filter_ in ({}, {"hasCard": True}, {"hasCard": False})
    ]
    assert counts[0] == counts[1] + counts[2]
    assert counts[1] > 0


@pytest.mark.parametrize(
    ("query", "filter", "words"),
    [
        ("はし", {"partsOfSpeech": ["ICHIDAN_VERB"]}, set()),
        ("みる #v1", {}, {"見る"}),
        ("drink #verb #n5", {}, {"飲む"}),
        ("drink #noun #n5", {}, {"飲み物"}),
        ("drink #noun", {"partsOfSpeech": ["GODAN_VERB_MU"]}, set()),
        ("水 #n5", {"jlptLevels": ["N4"]}, set()),
        ("水 #common", {"isCommon": False}, set()),
    ],
)
async def test_tags_are_filters(client: Client, query: str, filter: dict[str, object], words: set[str]) -> None:
    found = (await client.run(SEARCH, {"query": query, "filter": filter, "first": 1})).data["searchVocabulary"]
    assert {node["word"] for node in found["nodes"]} == words


@pytest.mark.parametrize(
    "query", ["東京都庁舎", "zzzzzzzz", "%", "_", "'; drop table users; --", "a:*", "食 & べ", "\\"]
)
async def test_unknown_terms_and_query_syntax(client: Client, query: str) -> None:
    answer = await client.run(SEARCH, {"query": query})
    assert answer.error_codes in ([], ["BAD_USER_INPUT"])


async def test_search_is_one_statement(client: Client) -> None:
    query = 'query { searchVocabulary(query: "taberu", first: 20) { nodes { word meanings } } }'
    assert (await client.run(query)).statements == 1
