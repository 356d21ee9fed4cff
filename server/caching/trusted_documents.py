"""The trusted documents of a process by id, planned and compiled before they are requested."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from itertools import islice, takewhile
from typing import NamedTuple

import asyncpg
import structlog

from common.lru_cache import ENTRY_OVERHEAD_BYTES, LRUCache
from common.task_set import cancel_and_wait
from common.text import hash_document
from db.core.database import Database
from db.notify.listener import NotificationListener
from db.queries.trusted_documents import read_document_texts, read_live_documents, read_live_versions
from domain.errors import ClientError
from domain.usage import ClientName
from engine.errors import DocumentTooLarge, OperationTooComplex
from engine.request.document import Document
from engine.request.document_cache import DocumentCache

log = structlog.get_logger()

_VERSIONS = "app_versions"
# Read by one statement.
_BATCH = 200
_RETRY_SECONDS = 1.0


class TrustedDocument(NamedTuple):
    """`deprecated_since`: since when only deprecated versions of apps have it; None if another one has it. `is_tool`:
    agents may call it.
    """

    id: str
    text: str
    deprecated_since: datetime | None
    is_tool: bool


class TrustedDocuments:
    """`max_bytes`: of compiled documents. Others are parsed when they are requested, like any document."""

    def __init__(self, database: Database, max_bytes: int) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._by_id: dict[str, TrustedDocument] = {}
        # Those of active and of newer versions first; replaced by each refresh.
        self.tools: list[TrustedDocument] = []
        # By the hash of the text, with and without the name of the hash function.
        self._by_hash: dict[str, TrustedDocument] = {}
        self._versions: frozenset[ClientName] = frozenset()
        self._compiled: LRUCache[str, Document] = LRUCache(max_bytes, lambda _, document: document.footprint.bytes)
        # They do not match the schema of this server.
        self._invalid: set[str] = set()

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def bytes(self) -> int:
        """Of compiled documents."""
        return self._compiled.bytes

    def get(self, id: str) -> TrustedDocument | None:
        """The document with this id, or the hash `sha256:…` of its text, or `app~version~id`, as Hive's clients do."""
        return self._by_id.get(id) or self._by_hash.get(id) or self._by_id.get(id.rpartition("~")[2])

    def is_registered(self, client: ClientName) -> bool:
        """Whether it is a version of an app that is not retired."""
        return client in self._versions

    def compiled(self, trusted: TrustedDocument) -> Document | None:
        return self._compiled.get(trusted.id)

    async def refresh(self) -> None:
        """Read the documents that are new, and forget those that are retired."""
        self._versions = await read_live_versions(self._database)
        live = await read_live_documents(self._database)
        new = iter([one.id for one in live if one.id not in self._by_id])
        texts = {id: trusted.text for id, trusted in self._by_id.items()}
        while batch := list(islice(new, _BATCH)):
            texts |= await read_document_texts(self._database, batch)
        by_id = {
            one.id: TrustedDocument(one.id, texts[one.id], one.deprecated_since, one.is_tool)
            for one in live
            if one.id in texts
        }
        self._by_id, self._by_hash = by_id, {}
        self.tools = [trusted for trusted in by_id.values() if trusted.is_tool]
        for trusted in by_id.values():
            hash = hash_document(trusted.text)
            self._by_hash[hash] = self._by_hash[f"sha256:{hash}"] = trusted
        for id in [id for id in self._compiled if id not in by_id]:
            del self._compiled[id]
        self._invalid &= by_id.keys()

    async def compile(self, documents: DocumentCache) -> None:
        """Compile the documents for which there is room, the most important ones first; if it is full, in place of less
        important ones. Requests are served, and versions followed, meanwhile.
        """
        by_id: Mapping[str, TrustedDocument] = {}
        waiting: deque[TrustedDocument] = deque()
        while True:
            if by_id is not self._by_id:
                by_id = self._by_id
                waiting = deque(trusted for trusted in by_id.values() if self._is_new(trusted.id))
            if not waiting:
                return
            trusted = waiting.popleft()
            document = await _compile(documents, trusted)
            # It may be retired by now.
            if trusted.id in self._by_id and not self._store(trusted.id, document):
                log.warning("trusted documents exceed TRUSTED_DOCUMENT_BYTES", compiled=len(self._compiled))
                return
            await asyncio.sleep(0)

    def _is_new(self, id: str) -> bool:
        return id not in self._compiled and id not in self._invalid

    def _store(self, id: str, document: Document | None) -> bool:
        """Return whether there was room."""
        if document is None:
            self._invalid.add(id)
            return True
        if not self._make_room(id, document.footprint.bytes + ENTRY_OVERHEAD_BYTES):
            return False
        self._compiled[id] = document
        document.footprint.on_change = partial(self._compiled.resize, id)
        return True

    def _make_room(self, id: str, bytes: int) -> bool:
        """Remove the least important documents until there is room, but none if those after this one do not suffice."""
        free = self._max_bytes - self._compiled.bytes
        removed: list[str] = []
        if free < bytes:
            for other in takewhile(lambda other: other != id, reversed(self._by_id)):
                if other in self._compiled:
                    removed.append(other)
                    free += self._compiled.peek(other).footprint.bytes + ENTRY_OVERHEAD_BYTES
                    if free >= bytes:
                        break
        if free < bytes:
            return False
        for other in removed:
            del self._compiled[other]
        return True


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
    except Exception:
        # The others are compiled nevertheless.
        log.exception("trusted document not compiled", id=trusted.id)
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
        refreshed = asyncio.Event()
        try:
            await trusted.refresh()
        except asyncpg.UndefinedTableError:
            # The database is not migrated yet, of which `/readyz` informs.
            log.warning("trusted documents not read", reason="the database has no tables for them")
            changed.set()

        async def follow() -> None:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    await trusted.refresh()
                    refreshed.set()
                except Exception as error:
                    if not isinstance(error, ClientError | asyncpg.UndefinedTableError):
                        log.exception("trusted documents not read")
                    await asyncio.sleep(_RETRY_SECONDS)
                    changed.set()

        async def compile_new() -> None:
            while True:
                await refreshed.wait()
                refreshed.clear()
                await trusted.compile(documents)

        # Compiling takes up to a minute: a document that is retired meanwhile is not executed until then.
        tasks = [asyncio.create_task(follow())]
        try:
            await trusted.compile(documents)
            tasks.append(asyncio.create_task(compile_new()))
            yield
        finally:
            for task in tasks:
                await cancel_and_wait(task)
