"""Latency and hits of the search for words, on the whole dictionary.

    python -m bench.search              on the content of `make serve`, which must have loaded the dictionary

Starts `shinjp serve` on a free port and runs the queries of `tests/search_queries.txt`, one after the other. Each round
asks for another number of results, so that no answer is cached. Prints the median, the 95th percentile and the maximum,
of the response and of the statement, the slowest queries, how many queries have an expected word first and on the
first page, and those that have not, as JSON, with the git revision.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

import httpx

from bench.harness import headers, report, server
from tests.search_queries import search_queries

SEARCH = """
    query($query: String!, $first: Int) {
        searchVocabulary(query: $query, first: $first) {
            edges { score matchedOn deinflection node { word reading meanings } }
        }
    }
"""
# The first number is the length of a page.
FIRST = (20, 19, 18)
SLOWEST = 10
MIN_ENTRIES = 190_000


def main() -> None:
    expected = list(search_queries())
    found: list[list[str]] = []
    responses: list[float] = []
    statements: dict[str, list[float]] = defaultdict(list)
    with server() as url, httpx.Client(headers=headers("demo"), timeout=60) as client:
        entries = _loaded_entries(client, url)
        if entries < MIN_ENTRIES:
            raise RuntimeError(f"the dictionary has {entries:,} entries: wait until it is loaded")
        for query, _ in expected:
            # Also a warm-up of PostgreSQL's buffers and of the plans.
            _measure(client, url, query, 10)
        for first in FIRST:
            for query, _ in expected:
                response, statement, words = _measure(client, url, query, first)
                responses.append(response)
                statements[query].append(statement)
                if first == FIRST[0]:
                    found.append(words)
    medians = {query: statistics.median(durations) for query, durations in statements.items()}
    slowest = sorted(medians, key=lambda query: -medians[query])[:SLOWEST]
    report(
        entries=entries,
        queries=len(expected),
        hits=_hits(expected, found),
        response=_summary(responses),
        statement=_summary([duration for durations in statements.values() for duration in durations]),
        slowestStatementsMs={query: round(medians[query], 1) for query in slowest},
    )


def _loaded_entries(client: httpx.Client, url: str) -> int:
    response = client.post(url, json={"query": "{ vocabulary(first: 1) { totalCount } }"})
    count: int = response.json()["data"]["vocabulary"]["totalCount"]
    return count


def _measure(client: httpx.Client, url: str, query: str, first: int) -> tuple[float, float, list[str]]:
    """Milliseconds of the response and of its statement, and the words that were found."""
    started_at = time.perf_counter()
    response = client.post(url, json={"query": SEARCH, "variables": {"query": query, "first": first}})
    duration = (time.perf_counter() - started_at) * 1000
    body = response.json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    words = [edge["node"]["word"] for edge in body["data"]["searchVocabulary"]["edges"]]
    return duration, body["extensions"]["stats"]["sqlMs"], words


def _hits(expected: Sequence[tuple[str, list[str]]], found: Sequence[list[str]]) -> dict[str, object]:
    """How many queries have an expected word first, and on the first page; `notFirst`: the words that others have."""
    not_first, missed = {}, []
    for (query, wanted), words in zip(expected, found, strict=True):
        if not set(words[:1]) & set(wanted):
            not_first[query] = words[:3]
        if not set(words) & set(wanted):
            missed.append(query)
    count = len(expected)
    return {
        "first": count - len(not_first),
        "firstPercent": round(100 * (count - len(not_first)) / count, 1),
        "firstPage": count - len(missed),
        "notFirst": not_first,
        "notOnFirstPage": missed,
    }


def _summary(durations_ms: list[float]) -> dict[str, float]:
    return {
        "medianMs": round(statistics.median(durations_ms), 1),
        "p95Ms": round(statistics.quantiles(durations_ms, n=20)[18], 1),
        "maxMs": round(max(durations_ms), 1),
    }


if __name__ == "__main__":
    main()
