"""GraphQL clients from npm, in a browser, on pages of another origin.

The pages are in `src/`; `make clients` builds them. All clients must return the same results.
"""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Browser

from domain.ids import global_id
from server.setting_fields import Environment
from tests.clients import Client
from tests.clients.pages import BUNDLES, Pages, Sent, page_server
from tests.databases import created
from tests.streams import StreamServer, stream_server

NORMALISED = ("apollo", "graphcache", "relay")
CACHING = (*NORMALISED, "urql")
ALL = (*CACHING, "graphql-ws", "graphql-sse")
# Each client with each transport that it supports for subscriptions. None: its default, mostly a WebSocket.
STREAMS = [*((client, None) for client in ALL), ("apollo", "multipart"), ("urql", "sse"), ("graphcache", "sse")]
NOWHERE = UUID("01900000-0000-7000-8000-000000000000")

over_every_transport = pytest.mark.parametrize(("client", "transport"), STREAMS)


@pytest.fixture(scope="module")
async def origin() -> AsyncIterator[str]:
    if not (BUNDLES / "built").exists():
        pytest.skip("The clients are not built: `make clients` needs Node.")
    async with page_server() as origin:
        yield origin


@pytest.fixture(scope="module")
async def server(origin: str, servers: tuple[str, str], template: str) -> AsyncIterator[StreamServer]:
    """As in production: only configured origins are allowed."""
    production = {"environment": Environment.PRODUCTION, "allowed_origins": (origin,)}
    async with (
        created(servers[0], f"shinjp_clients_{uuid4().hex[:8]}", template) as url,
        stream_server(url, servers[1], **production) as server,
    ):
        yield server


@pytest.fixture(scope="module")
async def pages(browser: Browser, origin: str, server: StreamServer) -> Pages:
    return Pages(browser, origin, f"http://{server.address}/graphql")


@pytest.fixture(scope="module")
async def book(server: StreamServer) -> str:
    answer = await server.client.run("{ books(first: 1, orderBy: TITLE) { nodes { id } } }")
    found: str = answer.data["books"]["nodes"][0]["id"]
    return found


def learner(server: StreamServer, *names: str | None) -> str:
    """The token of a new learner, so that tests do not see each other's cards."""
    return server.client.token("-".join(("client", *filter(None, names))))


async def words(client: Client, number: int) -> list[str]:
    query = "query($first: Int) { vocabulary(first: $first, filter: { jlptLevels: [N5] }) { nodes { word } } }"
    return [node["word"] for node in (await client.run(query, {"first": number})).data["vocabulary"]["nodes"]]


@pytest.mark.parametrize("client", ALL)
async def test_client_reads(pages: Pages, server: StreamServer, client: str) -> None:
    result = (await pages.run(client, "query", learner(server, client))).result
    assert result["errors"] == []
    assert result["data"]["kanji"]["character"] == "食"
    assert "food" in result["data"]["kanji"]["meanings"]


async def test_short_queries_of_urql_are_sent_by_get(pages: Pages, server: StreamServer) -> None:
    signed_in = await pages.run("urql", "query", learner(server, "urql"))
    anonymous = await pages.run("urql", "query")
    assert signed_in.sent == anonymous.sent == [Sent("GET", "Kanji", has_query=True)]


@pytest.mark.parametrize("client", ALL)
async def test_client_pages_through_a_list(pages: Pages, server: StreamServer, client: str) -> None:
    result = (await pages.run(client, "pages")).result
    assert result == {"words": await words(server.client, 15), "hasNextPage": True}


@pytest.mark.parametrize("client", CACHING)
async def test_client_cache_is_updated_by_mutations(pages: Pages, server: StreamServer, client: str, book: str) -> None:
    run = await pages.run(client, "mutations", learner(server, client, "mutations"), book=book)
    shown = [(seen["dueNow"], seen["reviewsToday"], seen["newCardsPerDay"], seen["pages"]) for seen in run.result]
    new_cards = shown[0][2]
    assert shown == [
        (0, 0, new_cards, []),
        (3, 0, new_cards, []),
        (2, 1, new_cards, []),
        (3, 0, new_cards, []),
        (1, 0, new_cards, []),
        (1, 0, 7, []),
        (1, 0, 7, [1]),
        (1, 0, 7, [2]),
    ]
    if client in NORMALISED:
        # A normalized cache uses the mutations' results; a document cache refetches.
        assert len([sent for sent in run.sent if sent.operation in ("Mine", "relayMineQuery")]) == 1


@over_every_transport
async def test_client_receives_events(pages: Pages, server: StreamServer, client: str, transport: str | None) -> None:
    token = learner(server, client, transport, "events")
    result = (await pages.run(client, "events", token, transport=transport)).result
    assert result["events"] == [1, 0]
    assert result["shown"] == ([1, 0] if client in NORMALISED else [])


@over_every_transport
async def test_stream_completes_for_client(
    pages: Pages, server: StreamServer, client: str, transport: str | None
) -> None:
    token = learner(server, client, transport, "job")
    result = (await pages.run(client, "job", token, transport=transport)).result
    assert result == ["QUEUED", "CANCELLED", "complete"]


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("client", ["apollo", "urql", "graphcache"])
async def test_client_persists_queries_over_get(
    pages: Pages, server: StreamServer, client: str, signed_in: bool
) -> None:
    run = await pages.run(client, "persisted", learner(server, client) if signed_in else None)
    assert [result["errors"] for result in run.result] == [[], []]
    assert [result["data"]["kanji"]["character"] for result in run.result] == ["水", "水"]
    # The last request has the hash alone, however the first one was sent.
    assert run.sent[-1] == Sent("GET", "Kanji", has_query=False)
    assert all(sent.has_query for sent in run.sent[1:-1])


@over_every_transport
async def test_client_receives_errors(pages: Pages, server: StreamServer, client: str, transport: str | None) -> None:
    missing = {f"missing{name}": global_id(name, NOWHERE) for name in ("Book", "Card", "Job")}
    over_http = transport is not None or client == "graphql-sse"
    token = learner(server, client, transport, "errors")
    options = missing | {"transport": transport, "streamsOverHttp": over_http}
    results = (await pages.run(client, "errors", token, **options)).result
    refused = results.pop("streamBadToken")
    codes = {name: [error.get("code") for error in result["errors"]] for name, result in results.items()}
    assert codes == {
        "invalid": ["GRAPHQL_VALIDATION_FAILED"],
        "partial": ["BAD_USER_INPUT"],
        "notThere": [],
        "userError": [],
        "signedOut": ["UNAUTHENTICATED"],
        # A socket is closed instead, with 4403 Forbidden.
        "badToken": [4403 if client == "graphql-ws" else "UNAUTHENTICATED"],
        "streamSignedOut": ["UNAUTHENTICATED"],
        "streamNotFound": ["NOT_FOUND"],
    }
    if over_http:
        assert [error["code"] for error in refused["errors"]] == ["UNAUTHENTICATED"]
    assert "nothing" in results["invalid"]["errors"][0]["message"]
    if client != "relay":  # which does not expose messages of field errors
        assert "500" in results["partial"]["errors"][0]["message"]
    # A field error does not affect its sibling.
    assert results["partial"]["data"]["kanji"]["character"] == "食"
    assert results["notThere"]["data"] == {"book": None}
    [review] = results["userError"]["data"]["reviewCards"]["results"]
    assert review["error"]["path"] == ["reviews", "0", "quality"]


@pytest.mark.parametrize("client", ["apollo", "urql"])
async def test_editor_sees_own_writes(pages: Pages, server: StreamServer, client: str, book: str) -> None:
    titles = [f"{client} {number}" for number in range(3)]
    run = await pages.run(client, "edits", server.client.token("editor"), book=book, titles=titles)
    first = run.result[0]
    assert run.result == [first, first + 1, first + 2]


@pytest.mark.parametrize(
    ("client", "refusal"), [("urql", "blocked by CORS policy"), ("graphql-ws", "Unexpected response code: 403")]
)
async def test_page_of_unknown_origin_is_refused(
    browser: Browser, server: StreamServer, client: str, refusal: str
) -> None:
    async with page_server() as stranger:
        pages = Pages(browser, stranger, f"http://{server.address}/graphql")
        with pytest.raises(AssertionError, match=refusal):
            await pages.run(client, "query", retryAttempts=0)
