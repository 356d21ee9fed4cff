"""New documents are read once, long ones in a thread, with a bounded queue."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from common.executors import DOCUMENTS
from engine.errors import DocumentTooLarge, TooManyPendingJobs
from engine.request import document_cache as module
from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from engine.request.queue_limits import QueueLimits
from schema.costs import COSTS
from tests.engine.hostile_documents import hostile_document

LONG = hostile_document("same nested", 3_900)


def cold() -> DocumentCache:
    return DocumentCache(COSTS, max_tokens=4_000)


async def load(documents: DocumentCache, text: str, *, introspection: bool = False) -> Document:
    async with asyncio.timeout(60):
        return await documents.load(text, introspection=introspection)


@pytest.fixture
def hold() -> Iterator[Callable[[], None]]:
    """Blocks the thread that reads documents, until it is called."""
    gate = threading.Event()
    DOCUMENTS.submit(gate.wait, 60)
    yield gate.set
    gate.set()


async def settle() -> None:
    """Runs all tasks as far as they get."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_short_document_does_not_wait_for_long_ones(hold: Callable[[], None]) -> None:
    documents = cold()
    answered = []
    long = asyncio.create_task(load(documents, LONG))
    long.add_done_callback(lambda _: answered.append("long"))
    await settle()
    for text in ("{ __typename }", "{ a: __typename }"):
        assert (await load(documents, text)).errors == ()
        answered.append("short")
    hold()
    assert (await long).errors == ()
    assert answered == ["short", "short", "long"]
    assert documents.counts == {"event loop": 2, "thread": 1}


async def test_event_loop_runs_while_document_is_read() -> None:
    """Without a gate: the thread shares the interpreter with the event loop."""
    documents = cold()
    long = asyncio.create_task(load(documents, LONG))
    turns = 0
    while not long.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_document_is_read_once_for_concurrent_clients(hold: Callable[[], None]) -> None:
    documents = cold()
    tasks = [asyncio.create_task(load(documents, LONG)) for _ in range(5)]
    other = asyncio.create_task(load(documents, LONG, introspection=True))
    await settle()
    assert documents.waiting == 2
    hold()
    first, *others = await asyncio.gather(*tasks)
    assert all(document is first for document in others)
    assert await other is not first
    assert documents.counts == {"thread": 2}
    assert documents.waiting == 0
    assert await load(documents, LONG) is first


async def test_document_is_stored_after_client_disconnected(hold: Callable[[], None]) -> None:
    documents = cold()
    leaving, staying = (asyncio.create_task(load(documents, LONG)) for _ in range(2))
    await settle()
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    hold()
    assert await staying is await load(documents, LONG)
    assert documents.counts == {"thread": 1}


async def test_number_of_waiting_documents_is_bounded(hold: Callable[[], None]) -> None:
    documents = DocumentCache(COSTS, max_tokens=4_000, max_waiting=QueueLimits(total=10, per_client=2))
    # The first one is being read, and two wait.
    waiting = [asyncio.create_task(load(documents, f"{LONG} #{number}")) for number in range(3)]
    await settle()
    with pytest.raises(TooManyPendingJobs):
        await load(documents, f"{LONG} #3")
    assert documents.refused == {"client": 1, "total": 0}
    # Requesting a waiting document takes no room.
    again = asyncio.create_task(load(documents, f"{LONG} #0"))
    await settle()
    hold()
    assert await again is await waiting[0]
    await asyncio.gather(*waiting)
    assert (await load(documents, f"{LONG} #3")).errors == ()


async def test_healthy_client_does_not_wait_for_the_documents_of_another(hold: Callable[[], None]) -> None:
    documents = cold()
    answered: list[str] = []

    async def send(client: str, number: int) -> None:
        async def admit() -> str:
            return client

        async with asyncio.timeout(60):
            await documents.load(f"{LONG} #{client} {number}", introspection=False, admit=admit)
        answered.append(f"{client} {number}")

    tasks = [asyncio.create_task(send("attacker", number)) for number in range(10)]
    await settle()
    tasks += [asyncio.create_task(send("healthy", number)) for number in range(2)]
    await settle()
    assert documents.waiting == 12
    hold()
    await asyncio.gather(*tasks)
    # The first was being read, and the second was next.
    assert answered[:6] == ["attacker 0", "attacker 1", "healthy 0", "attacker 2", "healthy 1", "attacker 3"]
    assert answered[6:] == [f"attacker {number}" for number in range(4, 10)]


async def test_document_that_is_not_admitted_is_not_read() -> None:
    documents = cold()
    asked = 0

    async def refuse() -> str:
        nonlocal asked
        asked += 1
        raise TooManyPendingJobs("Too many.", retry_after=1)

    for text in ("{ __typename }", LONG):
        with pytest.raises(TooManyPendingJobs):
            await documents.load(text, introspection=False, admit=refuse)
    assert not documents.counts
    document = await load(documents, "{ __typename }")
    # It is no longer new.
    assert await documents.load("{ __typename }", introspection=False, admit=refuse) is document
    assert asked == 2


@pytest.mark.parametrize("character", ["x", "日", "😀", "\ud800"])
async def test_text_is_bounded_in_bytes(character: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start, width = "{ __typename } #", len(character.encode("utf-8", "surrogatepass"))
    documents = DocumentCache(COSTS, max_tokens=10, max_text_bytes=len(start) + 100 * width)
    fits = start + 100 * character
    assert documents.get(fits, introspection=False).errors == (await load(documents, fits)).errors
    monkeypatch.setattr(module, "parse_tree", None)
    for read in (load(documents, f"{fits}#"), asyncio.to_thread(documents.get, f"{fits}#", introspection=False)):
        with pytest.raises(DocumentTooLarge, match=f"of {len(start) + 100 * width + 1} bytes exceeds "):
            await read
