"""Latency of the search for words, on the whole dictionary.

    python -m bench.search              on the content of `make serve`, which must have loaded the dictionary

Starts `shinjp serve` on a free port and runs the queries of `tests/search_queries.txt`, one after the other. Each round
asks for another number of results, so that no answer is cached. Prints the median, the 95th percentile and the maximum,
of the response and of the statement, and the slowest queries as JSON, with the git revision.
"""

import statistics
import time
from collections import defaultdict

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
FIRST = (20, 19, 18)
SLOWEST = 10
MIN_ENTRIES = 190_000


def main() -> None:
    queries = [query for query, _ in search_queries()]
    responses: list[float] = []
    statements: dict[str, list[float]] = defaultdict(list)
    with server() as url, httpx.Client(headers=headers("demo"), timeout=60) as client:
        words = _loaded_entries(client, url)
        if words < MIN_ENTRIES:
            raise RuntimeError(f"the dictionary has {words:,} entries: wait until it is loaded")
        for query in queries:
            # Also a warm-up of PostgreSQL's buffers and of the plans.
            _measure(client, url, query, 10)
        for first in FIRST:
            for query in queries:
                response, statement = _measure(client, url, query, first)
                responses.append(response)
                statements[query].append(statement)
    medians = {query: statistics.median(durations) for query, durations in statements.items()}
    slowest = sorted(medians, key=lambda query: -medians[query])[:SLOWEST]
    report(
        entries=words,
        queries=len(queries),
        response=_summary(responses),
        statement=_summary([duration for durations in statements.values() for duration in durations]),
        slowestStatementsMs={query: round(medians[query], 1) for query in slowest},
    )


def _loaded_entries(client: httpx.Client, url: str) -> int:
    response = client.post(url, json={"query": "{ vocabulary(first: 1) { totalCount } }"})
    count: int = response.json()["data"]["vocabulary"]["totalCount"]
    return count


def _measure(client: httpx.Client, url: str, query: str, first: int) -> tuple[float, float]:
    """Milliseconds of the response and of its statement."""
    started_at = time.perf_counter()
    response = client.post(url, json={"query": SEARCH, "variables": {"query": query, "first": first}})
    duration = (time.perf_counter() - started_at) * 1000
    body = response.json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    return duration, body["extensions"]["stats"]["sqlMs"]


def _summary(durations_ms: list[float]) -> dict[str, float]:
    return {
        "medianMs": round(statistics.median(durations_ms), 1),
        "p95Ms": round(statistics.quantiles(durations_ms, n=20)[18], 1),
        "maxMs": round(max(durations_ms), 1),
    }


if __name__ == "__main__":
    main()
