"""CPU time of the first request for a document, against the later ones.

    python -m bench.first_requests      with trusted documents, and with the same documents as text

Starts the application in this process, on databases of its own data directory, with many documents that differ in their
names only: statements are prepared, and values cached, by requests for others. Prints the CPU time of the process for a
request, the median over all documents, and the time and memory of compiling them, as JSON.
"""

import asyncio
import gc
import hashlib
import statistics
import time
from collections.abc import Iterator
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from bench.harness import UNLIMITED, report, token
from db.services.trusted_documents import push_version
from domain.document_manifests import ManifestDocument
from domain.trusted_documents import CheckedDocument
from engine.request.document_report import report_document
from server.app import create_app
from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.graphql.operations import build_documents, build_limits
from server.settings import Settings

DOCUMENTS, RUNS, WARM_UP = 60, 1_000, 200
OPERATIONS = {
    "cards": "query Cards%d($first: Int = 10) { viewer { cards(first: $first) { nodes { id dueAt state } } } }",
    "books": "query Books%d($first: Int = 10) { books(first: $first) { nodes { id title progress { percent } } } }",
    "due": "query Due%d { viewer { dashboard { dueNow reviewsToday } } }",
    # Of later requests, only the first ones are executed: see the response cache.
    "kanji": 'query Kanji%d { kanji(character: "水") { character meanings } }',
}


def main() -> None:
    settings = Settings.load(log_level="warning", **{name.lower(): value for name, value in UNLIMITED.items()})
    with database_servers(settings) as servers:
        migrate_database(servers)
        from content import loading

        loading.load(owner_url(servers), echo, demo=True)
        asyncio.run(_measure(servers))


async def _measure(settings: Settings) -> None:
    documents = [*_manifest(settings)]
    version = hashlib.sha256(repr(documents).encode()).hexdigest()[:16]
    await push_version(owner_url(settings), "bench", version, documents)
    app = create_app(settings)
    started_at = time.process_time()
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        compiled = {
            "seconds": round(time.process_time() - started_at, 2),
            "bytes": state["shinjp"].trusted_documents.bytes,
        }

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport, headers = httpx.ASGITransport(with_state), {"Authorization": f"Bearer {token('demo')}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            gc.disable()
            found = {name: await _measure_operation(client, name) for name in OPERATIONS}
    report(documents=len(documents), compiled=compiled, operations=found)


def _manifest(settings: Settings) -> Iterator[CheckedDocument]:
    cache, limits = build_documents(settings), build_limits(settings)
    for name, text in OPERATIONS.items():
        for number in range(DOCUMENTS):
            one = ManifestDocument(f"{name}-{number}", text % number)
            checked = report_document(cache, limits, one.text)
            yield CheckedDocument(one.id, one.text, checked.operation, checked.kind, checked.cost)


async def _measure_operation(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """First requests alternate with later ones for documents that were requested before."""
    for _ in range(WARM_UP):
        await _request(client, {"documentId": f"{name}-0"})
    found: dict[str, Any] = {}
    for kind in ("trusted", "text"):
        first, later = [], []
        for number in range(1, DOCUMENTS):
            text = OPERATIONS[name] % (number + DOCUMENTS)
            body = {"documentId": f"{name}-{number}"} if kind == "trusted" else {"query": text}
            first.append(await _request(client, body))
            runs = [await _request(client, body) for _ in range(RUNS // DOCUMENTS)]
            later.append(statistics.median(runs[2:]))
        firsts, laters = statistics.median(first), statistics.median(later)
        found[kind] = {"firstUs": round(firsts), "laterUs": round(laters), "ratio": round(firsts / laters, 2)}
    return found


async def _request(client: httpx.AsyncClient, body: dict[str, Any]) -> float:
    """CPU time in microseconds."""
    started_at = time.process_time()
    response = await client.post("/graphql", json=body)
    seconds = time.process_time() - started_at
    if response.status_code != 200:
        raise RuntimeError(response.text)
    return seconds * 1_000_000


if __name__ == "__main__":
    main()
