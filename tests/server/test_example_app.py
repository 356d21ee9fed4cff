"""The page of the example app and its files, without a browser."""

import json
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from server.example_app import app_routes

TOKENS = {"Demo": "</script>"}
DOCUMENTS = "{}"
REGISTERED = sha256(DOCUMENTS.encode()).hexdigest()[:12]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A minimal build."""
    (tmp_path / "index.html").write_text('<script type="application/json" id="configuration">{}</script>')
    (tmp_path / "documents.json").write_text(DOCUMENTS)
    (tmp_path / "service-worker.js").write_text("start();")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-1a2b.js").write_text("run();")
    return tmp_path


def app(build: Path) -> httpx.AsyncClient:
    routes = app_routes(lambda: TOKENS, lambda _, version: version == REGISTERED, build)
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://localhost")


def users(response: httpx.Response) -> object:
    return json.loads(response.text.partition(">")[2].rpartition("<")[0]).get("users")


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/books/Qm9vazox", "/app/assets-of-others"])
async def test_every_address_of_a_screen_has_the_page(build: Path, path: str) -> None:
    response = await app(build).get(path)
    assert users(response) == [{"name": "Demo", "token": "</script>"}]
    assert response.text.count("<") == 2
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("headers", "has_tokens"),
    [
        ({"Sec-Fetch-Dest": "document"}, True),
        ({"Host": "127.0.0.1:8000"}, True),
        ({"Host": "[::1]:8000"}, True),
        ({"Host": "rebound.example"}, False),
        ({"Host": "localhost.example"}, False),
        *(({"Sec-Fetch-Dest": name}, False) for name in ("empty", "iframe", "object", "script")),
    ],
)
async def test_tokens_are_for_navigations_on_a_loopback_host(
    build: Path, headers: dict[str, str], *, has_tokens: bool
) -> None:
    assert (users(await app(build).get("/app", headers=headers)) is not None) is has_tokens


async def test_only_assets_are_served_as_files(build: Path) -> None:
    client = app(build)
    asset = await client.get("/app/assets/index-1a2b.js")
    assert (asset.text, "immutable" in asset.headers["Cache-Control"]) == ("run();", True)
    for path in ("/app/assets/missing.js", "/app/assets/%2e%2e/documents.json", "/app/assets/../documents.json"):
        assert "{}" not in (await client.get(path)).text
    assert (await client.get("/app/assets/missing.js")).status_code == 404


@pytest.mark.parametrize("missing", ["index.html", "documents.json", None])
async def test_page_before_a_build_is_registered(build: Path, missing: str | None) -> None:
    if missing is None:
        (build / "documents.json").write_text('{"another": "query Another { __typename }"}')
    else:
        (build / missing).unlink()
    response = await app(build).get("/app")
    assert response.status_code == 503
    assert "This page reloads" in response.text
    assert "Demo" not in response.text


async def test_service_worker(build: Path) -> None:
    response = await app(build).get("/app/service-worker.js")
    assert response.text == "start();"
    assert response.headers["Content-Type"].startswith("text/javascript")
    # It is for `/app`, too, and a new one is noticed with the next visit.
    assert response.headers["Service-Worker-Allowed"] == "/app"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    (build / "service-worker.js").unlink()
    assert (await app(build).get("/app/service-worker.js")).status_code == 404
