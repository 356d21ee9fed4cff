"""Real queries, with the word that a good dictionary shows first."""

from tests.clients import Client
from tests.search_queries import search_queries

SEARCH = "query($query: String!) { searchVocabulary(query: $query, first: 20) { nodes { word } } }"


async def test_expected_words_are_first_or_on_the_first_page(client: Client) -> None:
    queries = list(search_queries())
    assert len(queries) >= 600
    not_first, missing = [], []
    for query, expected in queries:
        nodes = (await client.run(SEARCH, {"query": query})).data["searchVocabulary"]["nodes"]
        words = [node["word"] for node in nodes]
        if not set(words[:1]) & set(expected):
            not_first.append((query, expected, words[:4]))
        if not set(words) & set(expected):
            missing.append((query, expected, words[:4]))
    assert missing == []
    assert len(not_first) <= 0.05 * len(queries), not_first
