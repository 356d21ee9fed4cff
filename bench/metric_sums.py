"""Sums of metrics over four processes, one of which is killed under load.

    python -m bench.metric_sums

`responses`: that clients received. `counted`: by the counter, at the end. `interrupted`: requests whose connection
broke; the killed process may have counted them or not, and may not have counted what it sent last. `decreases`: how
often a sum was lower than one before, of `reads` from any of the processes.
"""

import asyncio
import os
import signal
from collections import Counter
from itertools import pairwise

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bench.harness import report, served
from tests.processes import children

PROCESSES, CLIENTS, REQUESTS = 4, 16, 20_000
QUERY = {"query": "query Counted { __typename }"}
COUNTER = "http_server_request_duration_seconds_count"


async def read_sum(http: httpx.AsyncClient, url: str) -> float:
    """The number of requests for operations."""
    text = (await http.get(url.replace("/graphql", "/metrics"))).text
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples if sample.name == COUNTER)
    return sum(sample.value for sample in samples if sample.labels["http_route"] == "/graphql")


async def send(url: str, pid: int, outcomes: Counter[str]) -> None:
    """Send requests on many connections, so that all processes get some. After half of them, one process is killed."""
    while outcomes.total() < REQUESTS:
        async with httpx.AsyncClient(timeout=60) as http:
            for _ in range(20):
                try:
                    (await http.post(url, json=QUERY)).raise_for_status()
                    outcomes["responses"] += 1
                except httpx.TransportError:
                    outcomes["interrupted"] += 1
                if not outcomes["killed"] and outcomes.total() >= REQUESTS / 2:
                    outcomes["killed"] += 1
                    os.kill(children(pid)[0], signal.SIGKILL)


async def read(url: str, reads: list[float], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        async with httpx.AsyncClient(timeout=60) as http:
            try:
                reads.append(await read_sum(http, url))
            except httpx.TransportError:
                continue


async def run(url: str, pid: int) -> None:
    outcomes: Counter[str] = Counter()
    reads: list[float] = []
    stopping = asyncio.Event()
    reader = asyncio.create_task(read(url, reads, stopping))
    await asyncio.gather(*(send(url, pid, outcomes) for _ in range(CLIENTS)))
    stopping.set()
    await reader
    async with httpx.AsyncClient(timeout=60) as http:
        counted = await read_sum(http, url)
    decreases = sum(later < earlier for earlier, later in pairwise(reads))
    report(
        processes=PROCESSES,
        responses=outcomes["responses"],
        interrupted=outcomes["interrupted"],
        counted=int(counted),
        reads=len(reads),
        decreases=decreases,
    )


def main() -> None:
    with served("--workers", str(PROCESSES), "--no-worker") as server:
        asyncio.run(run(server.url, server.pid))


if __name__ == "__main__":
    main()
