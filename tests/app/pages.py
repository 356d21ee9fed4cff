"""What tests of the app share: its server, and the requests that its pages send."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Request, Response

from server.example_app import BUILD
from tests.processes import ServerProcess

AXE = Path(__file__).parents[2] / "examples/web/tools/node_modules/axe-core/axe.min.js"


@dataclass(frozen=True)
class AppServer:
    origin: str
    database_url: str
    process: ServerProcess

    def url(self, screen: str) -> str:
        """The address of a screen."""
        return f"{self.origin}/app{screen}"


@dataclass
class Requests:
    """The GraphQL requests of a page over HTTP, by the names of their operations."""

    page: Page
    operations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.endswith("/graphql"):
            return
        body = json.loads(request.post_data or "{}")
        assert "query" not in body, "the app sends ids of documents only"
        self.operations.append(operation_name(body["documentId"]))


@cache
def _documents() -> dict[str, str]:
    documents: dict[str, str] = json.loads((BUILD / "documents.json").read_text())
    return documents


def operation_name(document_id: str) -> str:
    """The name of the operation of a registered document."""
    text = _documents()[document_id.removeprefix("sha256:")]
    for kind in ("query ", "mutation "):
        _, found, rest = text.partition(kind)
        if found:
            return rest.split("(")[0].split("{")[0].strip()
    raise AssertionError(text)


def response_to(operation: str) -> Callable[[Response], bool]:
    """A predicate: whether a response is that of an operation. A page sends others at any time."""

    def check(response: Response) -> bool:
        if not response.url.endswith("/graphql"):
            return False
        return operation_name(json.loads(response.request.post_data or "{}")["documentId"]) == operation

    return check


async def open_as(page: Page, server: AppServer, screen: str = "/", user: str = "Demo learner") -> None:
    """Opens a screen as one of the demo users; "": signed out."""
    await page.add_init_script(f"localStorage.setItem('shinjp:user', {json.dumps(user)})")
    await page.goto(server.url(screen))


async def serious_faults(page: Page) -> list[Any]:
    """The serious and critical faults of accessibility that axe finds."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("() => axe.run().then(({ violations }) => violations)")
    return [
        (fault["id"], [node["html"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


async def overflow(page: Page) -> int:
    """The pixels by which the page is wider than the window."""
    wider: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


async def run_as(page: Page, server: AppServer, user: str, query: str, **input_: Any) -> Any:
    """The first field of an operation that a demo user sends next to the page."""
    users = await page.evaluate("JSON.parse(document.getElementById('configuration').textContent).users")
    [token] = [one["token"] for one in users if one["name"] == user]
    response = await page.request.post(
        f"{server.origin}/graphql",
        data={"query": query, "variables": {"input": input_} if input_ else {}},
        headers={"Authorization": f"Bearer {token}"},
    )
    [field] = (await response.json())["data"].values()
    return field


FIRST_IDS = """{
    books(first: 1, filter: {hasText: true}) { nodes { id } }
    textbooks(first: 1) { nodes { id chapters { id } } }
    searchVocabulary(first: 1, query: "食べる") { nodes { id } }
    kanjiList(first: 1) { nodes { id } }
}"""


@dataclass(frozen=True)
class FirstIds:
    """Ids of objects that every server has."""

    book: str
    textbook: str
    chapter: str
    word: str
    kanji: str


async def first_ids(page: Page, server: AppServer) -> FirstIds:
    response = await page.request.post(f"{server.origin}/graphql", data={"query": FIRST_IDS})
    data = (await response.json())["data"]
    [book], [textbook], [word], [kanji] = (field["nodes"] for field in data.values())
    return FirstIds(book["id"], textbook["id"], textbook["chapters"][0]["id"], word["id"], kanji["id"])
