"""Statements and latency of each query of GraphiQL's tabs, one request at a time.

    make bench                          on the content, and the rows added by `make seed`

Starts `shinjp serve` on a free port, runs each tab's query many times as the demo learner, one after the other, and
prints the median and the 99th percentile as JSON, with the git revision.
"""

import re
import time

import httpx

from bench.harness import ROOT, headers, report, server, summary

TABS = sorted((ROOT / "server" / "graphiql" / "tabs").glob("*.graphql"))
WARM_UP, RUNS = 30, 300
# Subscriptions and mutations.
WRITES = re.compile("^(mutation|subscription)", re.MULTILINE)


def main() -> None:
    queries = {path.stem: text for path in TABS if not WRITES.search(text := path.read_text())}
    with server() as url, httpx.Client(headers=headers("demo"), timeout=60) as client:
        report(runs=RUNS, queries={name: _measure(client, url, text) for name, text in queries.items()})


def _measure(client: httpx.Client, url: str, query: str) -> dict[str, float]:
    durations: list[float] = []
    for _ in range(WARM_UP + RUNS):
        started_at = time.perf_counter()
        response = client.post(url, json={"query": query})
        durations.append((time.perf_counter() - started_at) * 1000)
    body = response.json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    return {
        "statements": body["extensions"]["stats"]["sqlStatements"],
        **summary(durations[WARM_UP:]),
        "bytes": len(response.content),
    }


if __name__ == "__main__":
    main()
