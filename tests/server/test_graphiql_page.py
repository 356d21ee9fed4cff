"""The page of GraphiQL and its files, without a browser."""

import gzip
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from server.graphiql import STATIC, graphiql_assets, graphiql_page
from tests.clients import client_of


def app_with_graphiql(static: Path, token: str | None = None) -> httpx.AsyncClient:
    """A client of an application that serves GraphiQL from this folder."""
    page = graphiql_page(None if token is None else lambda: {"Demo": token}, static)
    app = Starlette(routes=[Route("/graphql", page), Mount("/graphiql/assets", graphiql_assets(static))])
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


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/index.html",
        "/assets/missing.js",
        "/assets/../index.html",
        f"/assets/{'x' * 300}.js",
        "/assets/%00.js",
    ],
)
async def test_other_files_are_not_served(static: Path, path: str) -> None:
    assert (await app_with_graphiql(static).get(f"/graphiql{path}", follow_redirects=True)).status_code == 404


async def test_missing_build_is_explained(tmp_path: Path) -> None:
    page = (await app_with_graphiql(tmp_path).get("/graphql?a='><script>", headers={"Host": "shinjp.example"})).text
    assert "make graphiql" in page
    assert "/schema.graphql" in page
    assert "http://shinjp.example/graphql" in page
    assert "<script>" not in page
    assert (await app_with_graphiql(tmp_path).get("/graphiql/assets/index-1a2b.js")).status_code == 404


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
