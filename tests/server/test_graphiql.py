"""GraphiQL in a browser, and the server's responses for it."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from schema import schema
from server.auth.development_tokens import issue_token
from server.graphiql import STATIC, graphiql_assets, graphiql_page
from server.settings import Settings
from tests.browser import browser_profile
from tests.clients import TEST_SECRET, client_of
from tests.databases import created
from tests.processes import server_process
from tests.workers import running_worker

pytestmark = pytest.mark.timeout(600)
# A busy machine takes longer than Playwright's five seconds.
expect.set_options(timeout=30_000)

TITLES = ["Books", "Textbook", "Search", "Dashboard", "Review", "Undo", "Generate", "Watch", "Statistics"]
# GraphiQL reads and stores the editor's content with a delay after the last key.
HAS_SETTLED_ON = """(operation) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState") ?? '{"tabs": []}');
    const tab = tabs[activeTabIndex];
    return tab?.operationName === operation && tab.query === localStorage.getItem("shinjp:graphiql:query");
}"""
# Records each displayed progress.
PROGRESS = """() => {
    const seen = [], pane = document.querySelector(".graphiql-response");
    new MutationObserver(() => {
        const shown = pane.innerText.replaceAll("\u00a0", " ").match(/"progress": ([0-9.]+)/);
        if (shown) seen.push(Number(shown[1]));
    }).observe(pane, { subtree: true, childList: true, characterData: true });
    return seen;
}"""
# The tour has written variables for the operation into the editor.
FILLED = """(operation) => JSON.parse(localStorage.getItem("shinjp:variables") ?? "{}")[operation]"""
HAS_FILLED = """([operation, former]) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState"));
    const filled = JSON.parse(localStorage.getItem("shinjp:variables") ?? "{}")[operation];
    return filled && filled !== former && tabs[activeTabIndex].variables === filled;
}"""
MUTATIONS = ("Review", "Undo", "Generate")
WHO_AM_I = "query Mine { viewer { user { displayName } } }"


@pytest.fixture(scope="session")
async def content_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """A separate database: some tabs change it."""
    async with created(servers[0], f"{template}_graphiql", template) as url:
        yield url


@pytest.fixture(scope="session")
async def address(
    content_url: str, servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The URL that `shinjp serve` prints."""
    settings = {"DATABASE_URL": content_url, "REDIS_URL": servers[1], "JWT_SECRET": TEST_SECRET}
    async with server_process(tmp_path_factory.mktemp("graphiql") / "log", **settings) as server:
        yield server.address


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    if not (STATIC / "index.html").exists():
        pytest.skip("GraphiQL is not built: `make graphiql` needs Node.")
    async with browser_profile(browser) as context:
        yield context


@pytest.fixture
async def page(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(address)
    await expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Books")
    return page


async def type_and_run(page: Page, query: str) -> None:
    """Types the operation into a new tab, which gets its name, and runs it."""
    await page.get_by_role("button", name="New tab").click()
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    await page.keyboard.type(query)
    await page.wait_for_function(HAS_SETTLED_ON, arg="Mine")
    await page.keyboard.press("Control+Enter")


async def test_opens_with_example_tabs(page: Page) -> None:
    assert await page.title() == "ShinJP GraphQL"
    await expect(page.get_by_role("tab")).to_have_text(TITLES, use_inner_text=True)


async def open_tab(page: Page, title: str) -> None:
    """Opens the tab, and waits until the editor has it, and a mutation its variables."""
    former = await page.evaluate(FILLED, title)
    await page.get_by_role("tab", name=title).click()
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    await page.wait_for_function(HAS_SETTLED_ON, arg=title)
    if title in MUTATIONS:
        # Those of Generate are always the same.
        await page.wait_for_function(HAS_FILLED, arg=[title, None if title == "Generate" else former])


async def run(page: Page, title: str) -> dict[str, Any]:
    async with page.expect_response(lambda response: f" {title}" in (response.request.post_data or "")) as sent:
        await page.keyboard.press("Control+Enter")
    answer: dict[str, Any] = await (await sent.value).json()
    return answer


async def test_person_does_the_tour_twice(page: Page, content_url: str) -> None:
    """All tabs from left to right, and then again with what the first tour has left."""
    response = page.locator(".graphiql-response")
    for _ in range(2):
        for title in TITLES:
            await open_tab(page, title)
            if title == "Watch":
                await watch(page, content_url)
                continue
            answer = await run(page, title)
            assert "errors" not in answer
            for payload in answer["data"].values():
                assert payload.get("errors", []) == []
                assert payload.get("cards", True)
                for result in payload.get("results", [{"error": None, "duplicate": False}]):
                    assert (result["error"], result["duplicate"]) == (None, False)
            assert answer["extensions"]["trace"]["spans"]
            await expect(response).to_contain_text('"data"')


async def watch(page: Page, content_url: str) -> None:
    """The job that the tab Generate has started is shown until it has finished."""
    response = page.locator(".graphiql-response")
    await page.keyboard.press("Control+Enter")
    await expect(response).to_contain_text('"status": "QUEUED"')
    seen = await page.evaluate_handle(PROGRESS)
    async with running_worker(content_url):
        await expect(response).to_contain_text('"status": "SUCCEEDED"', timeout=60_000)
    await expect(response).to_contain_text('"progress": 1')
    progress = await seen.evaluate("(seen) => seen")
    assert progress == sorted(progress)
    assert len(set(progress)) > 3
    # The stream does not end by itself.
    await page.get_by_role("button", name="Stop query").click()


async def test_user_is_chosen(page: Page) -> None:
    response, menu = page.locator(".graphiql-response"), page.get_by_role("combobox", name="User")
    await expect(menu.locator("option")).to_have_text(["Signed out", "Demo learner", "Editor", "Administrator"])
    await type_and_run(page, WHO_AM_I)
    await expect(response).to_contain_text('"Hana"')
    for user, shown in (("Signed out", '"viewer": null'), ("Editor", '"Kenji"'), ("Administrator", '"displayName"')):
        await menu.select_option(user)
        await page.locator(".graphiql-query-editor .monaco-editor").click()
        await page.keyboard.press("Control+Enter")
        await expect(response).to_contain_text(shown)
        await expect(response).not_to_contain_text('"Hana"')
    await page.reload()
    await expect(menu).to_have_value("Administrator")


async def test_explorer_builds_a_query(page: Page) -> None:
    await page.get_by_role("button", name="New tab").click()
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    explorer = page.locator(".graphiql-explorer-root")
    await explorer.get_by_text("attributions", exact=True).click()
    await explorer.get_by_text("licence", exact=True).click()
    editor = page.locator(".graphiql-query-editor .view-lines")
    await expect(editor).to_contain_text("attributions")
    await expect(editor).to_contain_text("licence")
    await explorer.get_by_role("textbox").first.fill("Mine")
    await expect(editor).to_contain_text("query Mine")
    await page.wait_for_function(HAS_SETTLED_ON, arg="Mine")
    assert (await run(page, "Mine"))["data"]["attributions"]


async def test_panel_shows_how_responses_are_made(page: Page) -> None:
    await open_tab(page, "Dashboard")
    await page.get_by_role("button", name="Show Trace").click()
    panel = page.get_by_role("region", name="Trace")
    await expect(panel).to_contain_text("Run an operation")
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    answer = await run(page, "Dashboard")
    trace = answer["extensions"]["trace"]
    await expect(panel).to_contain_text("Dashboard took")
    bars = panel.get_by_role("list", name="Waterfall").get_by_role("listitem")
    await expect(bars).to_have_count(len(trace["spans"]))
    await expect(panel.get_by_role("table", name="Loader batches")).to_be_visible()
    await expect(panel.get_by_role("table", name="Estimate by coordinate")).to_contain_text("Query.viewer")
    await expect(panel).to_contain_text(f"{answer['extensions']['cost']['requested']} estimated")
    statement = trace["statements"][0]
    await panel.get_by_text(f"{statement['name']}: ").click()
    await expect(panel.get_by_label("SQL").first).to_be_visible()
    await expect(panel.get_by_label("Plan").first).to_contain_text("(cost=")
    # They would hide the response.
    await expect(page.locator(".graphiql-response")).to_contain_text('"streakDays"')
    await expect(page.locator(".graphiql-response")).not_to_contain_text('"spans"')
    await open_tab(page, "Books")
    await run(page, "Books")
    await expect(panel.get_by_role("table", name="Cached fields")).to_contain_text("Query.books")
    await panel.get_by_role("combobox", name="Response").select_option("1")
    await expect(panel).to_contain_text("Dashboard took")


async def test_phone_shows_everything_in_one_column(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_tab(page, "Dashboard")
    await run(page, "Dashboard")
    editor, response = page.locator(".graphiql-query-editor"), page.locator(".graphiql-response")
    await expect(response).to_contain_text('"streakDays"')
    for part in (editor, response, page.get_by_role("combobox", name="User"), page.get_by_role("tablist")):
        await expect(part).to_be_in_viewport()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 390
    boxes = [await part.bounding_box() for part in (editor, response)]
    assert all(box is not None and box["width"] > 300 and box["height"] > 100 for box in boxes)
    await page.get_by_role("button", name="Show Trace").click()
    panel = await page.get_by_role("region", name="Trace").bounding_box()
    assert panel is not None
    assert panel["width"] > 300
    await page.get_by_role("button", name="Hide Trace").click()
    await expect(editor).to_be_in_viewport()


async def test_typed_query_is_executed(page: Page) -> None:
    await type_and_run(page, 'query Mine { kanji(character: "食") { meanings } }')
    response = page.locator(".graphiql-response")
    await expect(response).to_contain_text('"food"')
    await expect(response).to_contain_text('"sqlStatements"')


async def test_user_header_replaces_the_default(page: Page) -> None:
    await type_and_run(page, WHO_AM_I)
    response = page.locator(".graphiql-response")
    await expect(response).to_contain_text('"Hana"')
    token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "editor")
    await page.get_by_role("button", name="Headers").click()
    await page.get_by_role("region", name="Headers").get_by_role("code").last.click()
    await page.keyboard.insert_text(json.dumps({"authorization": f"Bearer {token}"}))
    await page.keyboard.press("Control+Enter")
    await expect(response).not_to_contain_text('"Hana"')
    await expect(response).to_contain_text('"displayName"')


async def test_shows_the_schema_documentation(page: Page) -> None:
    book = schema._schema.type_map["Book"]
    assert book.description
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.locator(".graphiql-doc-explorer").get_by_role("link", name="Book", exact=True).click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text(book.description)


async def test_typed_query_is_stored(page: Page) -> None:
    await type_and_run(page, WHO_AM_I)
    # GraphiQL stores the query with a delay.
    await page.wait_for_function("() => JSON.stringify({...localStorage}).includes('displayName')")
    await page.reload()
    await expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("displayName")
    await expect(page.get_by_role("tab")).to_have_text([*TITLES, "Mine"], use_inner_text=True)


async def test_tabs_of_another_graphiql_on_the_origin_are_kept(context: BrowserContext, address: str) -> None:
    unset = dict.fromkeys(("variables", "headers", "operationName", "response"))
    tabs = {"activeTabIndex": 0, "tabs": [{"id": "1", "title": "Other", "query": "{ other }", **unset}]}
    page = await context.new_page()
    await page.goto(urljoin(address, "/healthz"))
    await page.evaluate("(tabs) => localStorage.setItem('graphiql:tabState', tabs)", json.dumps(tabs))
    await page.goto(address)
    await expect(page.get_by_role("tab")).to_have_text(TITLES, use_inner_text=True)


async def test_follows_the_color_scheme_of_the_system(page: Page) -> None:
    async def brightness() -> int:
        script = "(element) => getComputedStyle(element).backgroundColor"
        background: str = await page.locator(".graphiql-container").evaluate(script)
        return sum(int(part) for part in re.findall(r"\d+", background)[:3])

    await page.emulate_media(color_scheme="light")
    light = await brightness()
    await page.emulate_media(color_scheme="dark")
    assert await brightness() < light


def app_with_graphiql(static: Path, token: str | None = None) -> httpx.AsyncClient:
    """A client of an application that serves GraphiQL from this folder."""
    page = graphiql_page(None if token is None else lambda: {"Demo": token}, static)
    app = Starlette(routes=[Route("/graphql", page), Mount("/graphiql", graphiql_assets(static))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A minimal build."""
    (tmp_path / "index.html").write_text('<script type="application/json" id="configuration">{}</script>')
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-1a2b.js").write_text("run();")
    return tmp_path


async def configuration(client: httpx.AsyncClient) -> dict[str, object]:
    page = (await client.get("/graphql")).text
    parsed: dict[str, object] = json.loads(page.partition(">")[2].rpartition("<")[0])
    return parsed


async def test_configuration_without_token(static: Path) -> None:
    assert "users" not in await configuration(app_with_graphiql(static))


async def test_token_cannot_close_its_script_element(static: Path) -> None:
    client = app_with_graphiql(static, "</script><script>alert(1)</script>")
    assert (await client.get("/graphql")).text.count("<") == 2
    assert (await configuration(client))["users"] == [{"name": "Demo", "token": "</script><script>alert(1)</script>"}]


async def test_page_loads_from_this_server_only(static: Path) -> None:
    headers = (await app_with_graphiql(static).get("/graphql")).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_assets_are_immutable(static: Path) -> None:
    response = await app_with_graphiql(static).get("/graphiql/assets/index-1a2b.js")
    assert response.text == "run();"
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["", "/", "/index.html", "/assets/missing.js", "/assets/../index.html"])
async def test_other_files_are_not_served(static: Path, path: str) -> None:
    assert (await app_with_graphiql(static).get(f"/graphiql{path}", follow_redirects=True)).status_code == 404


async def test_missing_build_is_explained(tmp_path: Path) -> None:
    page = (await app_with_graphiql(tmp_path).get("/graphql?a='><script>", headers={"Host": "shinjp.example"})).text
    assert "make graphiql" in page
    assert "/schema.graphql" in page
    assert "http://shinjp.example/graphql" in page
    assert "<script>" not in page


@pytest.mark.parametrize("accept_encoding", ["gzip", "gzip;q=0", None])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_assets_are_compressed_by_the_build(static: Path, method: str, accept_encoding: str | None) -> None:
    (static / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(b"run();"))
    (static / "assets" / "font-1a2b.woff2").write_bytes(b"font")
    client = app_with_graphiql(static)
    client.headers["Accept-Encoding"] = accept_encoding or ""
    packed = await client.request(method, "/graphiql/assets/index-1a2b.js")
    assert packed.headers.get("Content-Encoding") == ("gzip" if accept_encoding == "gzip" else None)
    assert packed.text == ("run();" if method == "GET" else "")
    assert packed.headers["Content-Type"].startswith("text/javascript")
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in packed.headers["Cache-Control"]
    known = await client.get("/graphiql/assets/index-1a2b.js", headers={"If-None-Match": packed.headers["ETag"]})
    assert known.status_code == 304
    other = "gzip" if accept_encoding != "gzip" else ""
    another = await client.get("/graphiql/assets/index-1a2b.js", headers={"Accept-Encoding": other})
    assert another.headers["ETag"] != packed.headers["ETag"]
    # The build omits files that compression does not make smaller.
    assert "Content-Encoding" not in (await client.get("/graphiql/assets/font-1a2b.woff2")).headers
    assert (await client.get("/graphiql/assets/index-1a2b.js.gz")).status_code == 404


@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="GraphiQL is not built: `make graphiql` needs Node.")
def test_build_compresses_long_assets() -> None:
    long = [path for path in (STATIC / "assets").glob("*.*s") if path.stat().st_size > 10_000]
    assert long
    for path in long:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


class TestIntrospectionOff:
    """The page, its assets and the SDL are available to clients that may use introspection."""

    INTROSPECTION = "{ __schema { queryType { name } } }"

    @pytest.mark.parametrize("environment", ["development", "production"])
    @pytest.mark.parametrize("introspection", [None, True, False])
    async def test_sdl_requires_introspection(
        self, content_database_url: str, redis_url: str, environment: str, introspection: bool | None
    ) -> None:
        settings = {"environment": environment, "introspection": introspection}
        async with client_of(content_database_url, redis_url, **settings) as client:
            for viewer in (None, "demo", "editor", "admin", "nonsense"):
                token = None if viewer is None else "nonsense" if viewer == "nonsense" else client.token(viewer)
                headers = {"Accept": "application/graphql-response+json"}
                headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
                asked = await client.http.post("/graphql", json={"query": self.INTROSPECTION}, headers=headers)
                text = await client.http.get("/schema.graphql", headers=headers)
                assert (text.status_code == 200) is (asked.status_code == 200)
                assert ("type Query" in text.text) is (text.status_code == 200)
                is_open = introspection if introspection is not None else environment == "development"
                expected = 401 if viewer == "nonsense" else 200 if is_open or viewer == "admin" else 403
                assert text.status_code == expected
                if expected == 200:
                    assert {"Authorization", "Accept-Encoding"} <= set(text.headers["Vary"].split(", "))
                    known = {"If-None-Match": text.headers["ETag"]} | headers
                    assert (await client.http.get("/schema.graphql", headers=known)).status_code == 304
                else:
                    [error] = text.json()["errors"]
                    assert error["extensions"]["code"] == ("UNAUTHENTICATED" if expected == 401 else "FORBIDDEN")
                    assert text.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("environment", ["development", "production"])
    @pytest.mark.parametrize("introspection", [True, False])
    async def test_graphiql_is_served_where_introspection_is_on(
        self, content_database_url: str, redis_url: str, environment: str, introspection: bool
    ) -> None:
        settings = {"environment": environment, "introspection": introspection}
        async with client_of(content_database_url, redis_url, **settings) as client:
            page = await client.http.get("/graphql", headers={"Accept": "text/html", "Host": "localhost"})
            assert page.status_code == 200
            assert ("Introspection and GraphiQL are disabled" in page.text) is not introspection
            assert ("<script" in page.text or "make graphiql" in page.text) is introspection
            assert ("token" in page.text) is (introspection and environment == "development" and built())
            assets = [path.name for path in (STATIC / "assets").glob("index-*.js")]
            for name in assets:
                asset = await client.http.get(f"/graphiql/assets/{name}")
                assert asset.status_code == (200 if introspection else 404)


def built() -> bool:
    return (STATIC / "index.html").exists()


@pytest.mark.parametrize(
    ("host", "has_token"),
    [
        *(
            (host, True)
            for host in ("localhost", "localhost:8000", "LOCALHOST:1", "app.localhost:80", "127.0.0.1:8000")
        ),
        *((host, True) for host in ("[::1]", "[::1]:8000")),
        *((host, False) for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil")),
        *((host, False) for host in ("192.168.1.5:8000", "0.0.0.0:8000", "", "localhost:8000@evil", "evil-localhost")),
        *((host, False) for host in ("127.0.0.1:x", "[::2]", "::1", "localhost.", "localhost, evil.example")),
    ],
)
async def test_token_is_only_in_pages_of_this_machine(static: Path, host: str, has_token: bool) -> None:
    """With a foreign host name that resolves to 127.0.0.1, a foreign page would have the same origin."""
    client = app_with_graphiql(static, token="secret")
    found = await client.get("/graphql", headers={"Host": host})
    assert found.status_code == 200
    assert ("secret" in found.text) is has_token


@pytest.mark.parametrize(
    ("destination", "has_token"), [(None, True), ("document", True), ("empty", False), ("iframe", False), ("", False)]
)
async def test_token_is_only_in_pages_that_are_navigated_to(
    static: Path, destination: str | None, has_token: bool
) -> None:
    """Another page of localhost may send requests, and would read the tokens by `fetch`."""
    client = app_with_graphiql(static, token="secret")
    headers = {} if destination is None else {"Sec-Fetch-Dest": destination}
    assert ("secret" in (await client.get("/graphql", headers=headers)).text) is has_token
