"""The operations with recorded statements, and their variables for N items."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import Message

from domain.enums import Role
from domain.ids import JobId, global_id, parse_global_id_as
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import answer, review
from tests.workers import running_worker, textbook_input, until

DIRECTORY = Path(__file__).parent / "operations"


@dataclass(frozen=True)
class Stage:
    """A server, its database and the learner who runs an operation."""

    client: Client
    url: str
    subject: str


Variables = Callable[[Stage, int], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Operation:
    """`size`: the number of items in the snapshot. None if the operation has no list. `role`: of its user."""

    name: str
    size: int | None
    variables: Variables
    role: Role = Role.LEARNER

    @property
    def text(self) -> str:
        return (DIRECTORY / f"{self.name}.graphql").read_text()

    def text_of(self, size: int | None) -> str:
        """The operation with N as first page size; unchanged if a variable has the size."""
        return self.text if size is None else re.sub(r"\bfirst: \d+", f"first: {size}", self.text, count=1)

    async def run(self, stage: Stage, size: int | None, variables: dict[str, Any]) -> dict[str, Any]:
        """The result, or the first event of a subscription after the id in `variables`."""
        if not re.search("^subscription", self.text, re.MULTILINE):
            return (await stage.client.run(self.text_of(size), variables, user=stage.subject)).body
        headers = {
            "Authorization": f"Bearer {stage.client.token(stage.subject)}",
            "Accept": "text/event-stream",
            "Last-Event-ID": str(variables["lastEventId"]),
            "X-Debug-Stats": "1",
        }
        request = stage.client.http.build_request("POST", "/graphql", json={"query": self.text}, headers=headers)
        return await first_event(stage.client.http, request)


async def first_event(http: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
    """The first event of a stream that does not end. httpx would read the response to its end."""
    received, is_read = asyncio.Event(), False
    content = b""

    async def receive() -> Message:
        nonlocal is_read
        if not is_read:
            is_read = True
            return {"type": "http.request", "body": request.content, "more_body": False}
        await received.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal content
        content += message.get("body", b"")
        if b"data: {" in content and content.endswith(b"\n\n"):
            received.set()

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/graphql",
        "raw_path": b"/graphql", "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("testserver", 80), "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }  # fmt: skip
    transport = http._transport
    assert isinstance(transport, httpx.ASGITransport)
    async with asyncio.timeout(60):
        await transport.app(scope, receive, send)
    [event] = [line for line in content.decode().splitlines() if line.startswith("data: {")]
    body: dict[str, Any] = json.loads(event.removeprefix("data: "))
    return body


async def none(_: Stage, __: int) -> dict[str, Any]:
    return {}


async def _reviews(stage: Stage, size: int) -> dict[str, Any]:
    cards = await _due_cards(stage, size)
    reviews = [answer(card, f"key {n}", 3 + n % 3, durationMs=4000) for n, card in enumerate(cards)]
    return {"input": {"reviews": reviews}}


async def _reviews_to_undo(stage: Stage, size: int) -> dict[str, Any]:
    reviewed = await review(stage.client, (await _reviews(stage, size))["input"]["reviews"], stage.subject)
    return {"input": {"reviewIds": [result["review"]["id"] for result in reviewed["results"]]}}


async def _chapters(_: Stage, size: int) -> dict[str, Any]:
    return textbook_input(numberOfChapters=size)


async def _last_event_of_a_job(stage: Stage, size: int) -> dict[str, Any]:
    generate = (DIRECTORY / "7-generate.graphql").read_text()
    asked_for = await stage.client.run(generate, textbook_input(numberOfChapters=size), user=stage.subject)
    job = asked_for.data["generateTextbook"]["job"]["id"]
    async with running_worker(stage.url):
        await until(stage.url, job)
    # The stream repeats what followed an event.
    job_id = parse_global_id_as(JobId, job)
    [event_id] = await column(stage.url, f"select max(id) - 1 from job_events where job_id = '{job_id}'")
    return {"lastEventId": event_id}


async def _new_words(stage: Stage, size: int) -> dict[str, Any]:
    statement = f"select id from vocabulary order by jlpt_level desc, id desc offset 200 limit {size}"
    words = await column(stage.url, statement)
    return {"input": {"vocabularyIds": [global_id("Vocabulary", word) for word in words]}}


async def _page(stage: Stage, _: int) -> dict[str, Any]:
    [book] = await column(
        stage.url, "select id from books where page_count > 7 order by created_at desc, id desc limit 1"
    )
    return {"input": {"bookId": global_id("Book", book), "currentPage": 7}}


async def _book_with_text(stage: Stage, _: int) -> dict[str, Any]:
    [book] = await column(stage.url, "select id from books where has_text order by jlpt_level, id limit 1")
    return {"id": global_id("Book", book)}


async def _frequent_word(stage: Stage, _: int) -> dict[str, Any]:
    [word] = await column(stage.url, "select id from vocabulary where word = '食べる' and jlpt_level is not null")
    return {"id": global_id("Vocabulary", word)}


async def _due_cards(stage: Stage, size: int) -> list[str]:
    statement = (
        "select cards.id from cards join users on users.id = user_id"
        f" where subject = '{stage.subject}' order by due_at, cards.id limit {size}"
    )
    return [global_id("Card", card) for card in await column(stage.url, statement)]


OPERATIONS = [
    Operation("1-books", 10, none),
    Operation("2-textbook", 1, none),
    Operation("3-search", 5, none),
    Operation("4-dashboard", 5, none),
    Operation("5-review", 3, _reviews),
    Operation("6-undo", 3, _reviews_to_undo),
    Operation("7-generate", 3, _chapters),
    Operation("8-watch", 3, _last_event_of_a_job),
    Operation("9-statistics", 5, none),
    Operation("books-by-coverage", 5, none),
    Operation("create-cards", 3, _new_words),
    Operation("due-cards", 20, none),
    Operation("example-sentences", 5, _frequent_word),
    Operation("read-book", None, _book_with_text),
    Operation("read-pages", None, _page),
    Operation("review-cards", 3, _reviews),
    Operation("study-session", 10, none),
]
