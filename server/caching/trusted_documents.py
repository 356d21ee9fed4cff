"""The trusted documents of a process by id, planned and compiled before they are requested."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from typing import NamedTuple

import asyncpg
import structlog

from common.lru_cache import LRUCache
from common.task_set import cancel_and_wait
from common.text import hash_document
from db.core.database import Database
from db.notify.listener import NotificationListener
from db.queries.trusted_documents import read_document_texts, read_live_documents
from domain.errors import ClientError
from engine.errors import DocumentTooLarge, OperationTooComplex
from engine.request.document import Document
from engine.request.document_cache import DocumentCache

log = structlog.get_logger()

_VERSIONS = "app_versions"
# Read by one statement.
_BATCH = 200
_RETRY_SECONDS = 1.0


class TrustedDocument(NamedTuple):
    """`is_deprecated`: only deprecated versions of apps have it."""

    id: str
    text: str
    is_deprecated: bool


class TrustedDocuments:
    """`max_bytes`: of compiled documents. Others are parsed when they are requested, like any document."""

    def __init__(self, database: Database, max_bytes: int) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._by_id: dict[str, TrustedDocument] = {}
        # By the hash of the text, with and without the name of the hash function.
        self._by_hash: dict[str, TrustedDocument] = {}
        self._compiled: LRUCache[str, Document] = LRUCache(max_bytes, lambda _, document: document.footprint.bytes)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def bytes(self) -> int:
        """Of compiled documents."""
        return self._compiled.bytes

    def get(self, id: str) -> TrustedDocument | None:
        """The document with this id, or the hash `sha256:…` of its text, or `app~version~id`, as Hive's clients do."""
        return self._by_id.get(id) or self._by_hash.get(id) or self._by_id.get(id.rpartition("~")[2])

    def compiled(self, trusted: TrustedDocument) -> Document | None:
        return self._compiled.get(trusted.id)

    async def refresh(self, documents: DocumentCache) -> None:
        """Read the documents that are new, forget those that are retired, and compile those for which there is room."""
        live = await read_live_documents(self._database)
        new = iter([one.id for one in live if one.id not in self._by_id])
        texts = {id: trusted.text for id, trusted in self._by_id.items()}
        while batch := list(islice(new, _BATCH)):
            texts |= await read_document_texts(self._database, batch)
        by_id = {one.id: TrustedDocument(one.id, texts[one.id], one.is_deprecated) for one in live if one.id in texts}
        self._by_id, self._by_hash = by_id, {}
        for trusted in by_id.values():
            hash = hash_document(trusted.text)
            self._by_hash[hash] = self._by_hash[f"sha256:{hash}"] = trusted
        for id in [id for id in self._compiled if id not in by_id]:
            del self._compiled[id]
        await self._compile(documents)

    async def _compile(self, documents: DocumentCache) -> None:
        for trusted in [*self._by_id.values()]:
            if trusted.id in self._compiled:
                continue
            document = await _compile(documents, trusted)
            if document is None:
                continue
            if self._compiled.bytes + document.footprint.bytes > self._max_bytes:
                log.warning("trusted documents exceed TRUSTED_DOCUMENT_BYTES", compiled=len(self._compiled))
                return
            self._compiled[trusted.id] = document
            document.footprint.on_change = partial(self._compiled.resize, trusted.id)
            # Requests are served meanwhile.
            await asyncio.sleep(0)


async def _compile(documents: DocumentCache, trusted: TrustedDocument) -> Document | None:
    """Return None, and log it, for a document that this version of the server cannot execute."""
    try:
        document = await documents.read(trusted.text)
        if document.errors:
            log.error("trusted document invalid", id=trusted.id, reason=document.errors[0].message)
            return None
        for operation in document.operations.values():
            operation.compile_all()
    except (DocumentTooLarge, OperationTooComplex, ValueError) as error:
        log.error("trusted document invalid", id=trusted.id, reason=str(error))
        return None
    return document


@asynccontextmanager
async def run_trusted_documents(
    trusted: TrustedDocuments, changes: NotificationListener, documents: DocumentCache
) -> AsyncIterator[None]:
    """Read and compile all documents, then follow changes of versions until the context exits.

    Raises ServiceUnavailable if the database is down.
    """
    with changes.subscribe(_VERSIONS) as changed:
        try:
            await trusted.refresh(documents)
        except asyncpg.UndefinedTableError:
            # The database is not migrated yet, of which `/readyz` informs.
            log.warning("trusted documents not read", reason="the database has no tables for them")
            changed.set()

        async def follow() -> None:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    await trusted.refresh(documents)
                except Exception as error:
                    if not isinstance(error, ClientError | asyncpg.UndefinedTableError):
                        log.exception("trusted documents not read")
                    await asyncio.sleep(_RETRY_SECONDS)
                    changed.set()

        task = asyncio.create_task(follow())
        try:
            yield
        finally:
            await cancel_and_wait(task)
