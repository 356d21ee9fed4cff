"""Trusted documents are compiled within the limit of memory, while versions change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from db.core.database import Database, open_database
from db.notify.listener import open_listener
from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from server.caching.trusted_documents import TrustedDocuments, run_trusted_documents
from server.graphql.operations import build_operations
from tests.clients import settings_of
from tests.documents_command import push_documents, run_documents

FORMER = {f"former{number}": f"query F{number} {{ books(first: 1) {{ totalCount }} }}" for number in range(3)}
NEW = {f"new{number}": f"query N{number} {{ books(first: 1) {{ totalCount }} }}" for number in range(2)}


@pytest.fixture(scope="module")
async def database(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    await push_documents(shared_database_url, tmp_path_factory.mktemp("manifests"), FORMER)
    async with open_database(shared_database_url, min_size=1, max_size=2) as database:
        yield database


@pytest.fixture
def documents(shared_database_url: str) -> DocumentCache:
    return build_operations(settings_of(shared_database_url, None)).documents


def compiled(trusted: TrustedDocuments) -> list[str]:
    found = ((id, trusted.get(id)) for id in FORMER | NEW)
    return [id for id, document in found if document is not None and trusted.compiled(document) is not None]


async def test_new_documents_replace_less_important_ones(
    database: Database, shared_database_url: str, documents: DocumentCache, tmp_path: Path
) -> None:
    unlimited = TrustedDocuments(database, 2**30)
    await unlimited.refresh()
    await unlimited.compile(documents)
    assert compiled(unlimited) == [*FORMER]
    full = TrustedDocuments(database, unlimited.bytes + 100)
    await full.refresh()
    await full.compile(documents)
    assert compiled(full) == [*FORMER]
    await push_documents(shared_database_url, tmp_path, NEW, "2")
    for trusted in (full, unlimited):
        await trusted.refresh()
        await trusted.compile(documents)
    assert compiled(full) == ["former0", *NEW]
    assert full.bytes <= unlimited.bytes
    assert compiled(unlimited) == [*FORMER, *NEW]


async def test_versions_are_followed_during_compilation(
    database: Database, shared_database_url: str, documents: DocumentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_compile, starts = asyncio.Event(), asyncio.Event()
    read = documents.read

    async def read_later(text: str) -> Document:
        starts.set()
        await may_compile.wait()
        return await read(text)

    monkeypatch.setattr(documents, "read", read_later)
    trusted = TrustedDocuments(database, 2**30)
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        changes = await stack.enter_async_context(open_listener(shared_database_url))
        run = run_trusted_documents(trusted, changes, documents)
        starting = asyncio.create_task(stack.enter_async_context(run))
        await starts.wait()
        assert trusted.get("former0") is not None
        await changes.listening.wait()
        await run_documents(shared_database_url, "state", "web", "1", "retired", "--force")
        while trusted.get("former0") is not None:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0)
        may_compile.set()
        await starting
        assert not FORMER.keys() & set(compiled(trusted))
        await run_documents(shared_database_url, "state", "web", "1", "active")
        while compiled(trusted)[: len(FORMER)] != [*FORMER]:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0)
