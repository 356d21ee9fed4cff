"""Random requests to every route, with hostile values in each parameter and header, cause no internal error."""

import gzip
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Mount

from domain.ids import JobId, global_id
from domain.rate_limits import RATE_LIMITS
from server.app import create_app
from server.example_app import APP_PATH
from server.http.request import GraphQLRequest
from server.settings import Settings
from tests.clients import Client, settings_of
from tests.databases import execute
from tests.schema.hostile_platform import ROLES, check_body, internal_errors
from tests.schema.test_edge_values import encoded
from tests.server.hostile_routes import (
    GRAPHQL,
    HEADERS,
    PERSISTED,
    Lookups,
    Route,
    RouteRequest,
    Values,
    good_request,
    route_request,
    routes,
)
from tests.servers import app_address
from tests.settings import highest

# `make fuzz` runs many, with other seeds each time.
BATCH = 100
BATCHES = int(os.environ.get("FUZZ_OPERATIONS", "600")) // BATCH
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
# The job of the linked file.
JOB = """
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
        scheduled_for) select '{}', id, 'EXPORT', 'SUCCEEDED', 1, 0, 0, 1, 1, '{{}}', now() from users
        where subject = 'demo'
"""


@dataclass(frozen=True)
class Site:
    """A server, its routes, and the lookups that it has made so far."""

    client: Client
    app: Any
    routes: list[Route]
    values: Values
    lookups: Lookups

    @property
    def places(self) -> list[tuple[Route, str]]:
        found = [(route, name) for route in self.routes for name in (*route.samples, *route.path_samples)]
        found += [(GRAPHQL, name) for name in PERSISTED]
        return found + [(route, name) for name in HEADERS for route in self.routes]

    async def send(self, request: RouteRequest) -> httpx.Response:
        # The raw target: httpx would normalize it.
        extensions = {"target": request.target.encode()}
        sent = self.client.http.build_request(
            request.method, "/", content=request.body or None, headers=request.headers, extensions=extensions
        )
        return await self.client.http.send(sent)


@pytest.fixture(scope="module")
async def site(
    shared_database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    unlimited: dict[str, Any] = {limit.setting: highest(limit.setting) for limit in RATE_LIMITS}
    directory = tmp_path_factory.mktemp("exports")
    settings = settings_of(
        shared_database_url, redis_url, export_dir=directory, operation_timeout_seconds=300, **unlimited
    )
    link, file_path = linked_file(settings, directory)
    await execute(shared_database_url, JOB.format(file_path["job_id"]))
    app, lookups = create_app(settings), Lookups()
    async with AsyncExitStack() as stack:
        stack.enter_context(lookups.noted())
        address = await stack.enter_async_context(app_address(lookups.middleware(app)))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{address}", timeout=60))
        cursors = [encoded(["created", "2026-01-01T00:00:00+00:00", str(uuid4())])]
        values = Values([global_id("Book", uuid4()), global_id("Job", uuid4())], cursors)
        yield Site(Client(http, settings), app, routes(link, file_path), values, lookups)


def linked_file(settings: Settings, directory: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The query and path parameters of a link to an existing file."""
    job_id, name = uuid4(), "cards.csv"
    (directory / f"{job_id}.gz").write_bytes(gzip.compress(b"word\r\n" * 100))
    link = settings.export_links().link(JobId(job_id), name, datetime.now(UTC) + timedelta(hours=1))
    return dict(parse_qsl(urlsplit(link).query)), {"job_id": str(job_id), "file_name": name}


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BATCHES))
async def test_hostile_requests_to_routes_cause_no_internal_error(site: Site, seed: int) -> None:
    random = Random(seed)
    statuses: Counter[int] = Counter()
    internal = internal_errors()
    for number in range(BATCH):
        route, place = site.places[(seed * BATCH + number) % len(site.places)]
        role = random.choice(ROLES)
        token = site.client.token(role) if role else None
        request = route_request(route, place, token, random, site.values)
        response = await site.send(request)
        statuses[response.status_code] += 1
        details = f"seed {seed}, {number}: {response.status_code} {response.text[:1_000]}\n{request!r:.5000}"
        assert response.status_code < 500, details
        if response.content and response.headers.get("content-type", "").startswith("application/json"):
            check_body(response.content, details)
        assert internal_errors() == internal, details
    # At least this many succeed.
    assert statuses[200] + statuses[206] + statuses[304] > BATCH / 10, statuses


def test_every_place_is_tested(site: Site) -> None:
    assert len(site.places) <= BATCH * BATCHES


async def test_every_route_parameter_and_header_is_tested(site: Site) -> None:
    """Fails for routes, parameters and headers that the server reads and `hostile_routes.py` does not have."""
    token = site.client.token("demo")
    for route in site.routes:
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            await site.send(good_request(route, method, token))
            for header, value in HEADERS.items():
                await site.send(good_request(route, method, token, **{header: value}))
    patterns = {
        f"{route.path}/{{path}}" if isinstance(route, Mount) else route.path for route in site.app.router.routes
    }
    # The app's page is the same for every address, and exists in development only.
    assert {path for path in patterns if not path.startswith(APP_PATH)} == {route.path for route in site.routes}
    for route in site.routes:
        looked_up = site.lookups.parameters.get(route.good_path, set())
        assert looked_up <= route.samples.keys(), route.path
        if route.path.startswith("/exports/"):
            assert looked_up == route.samples.keys(), route.path
    assert {name.lower() for name in GRAPHQL.samples} == {name.replace("_", "") for name in GraphQLRequest._fields}
    assert site.lookups.headers <= HEADERS.keys()


async def test_head_has_the_status_and_headers_of_get(site: Site) -> None:
    token = site.client.token("demo")
    for route in site.routes:
        got, head = [await site.send(good_request(route, method, token)) for method in ("GET", "HEAD")]
        if got.status_code == 405 or route.path.startswith("/uploads"):
            continue
        assert (head.status_code, head.content) == (got.status_code, b""), route.path
        assert unchanging_headers(head) == unchanging_headers(got), route.path
        if "content-length" in head.headers and route.path not in ("/metrics", "/readyz"):
            assert head.headers["content-length"] == got.headers["content-length"], route.path


def unchanging_headers(response: httpx.Response) -> dict[str, str]:
    """Without those of the time, the request, the budget and the body."""
    changing = ("date", "x-request-id", "ratelimit", "content-length", "transfer-encoding")
    return {name: value for name, value in response.headers.items() if name not in changing}


async def test_coded_bodies_are_rejected(site: Site) -> None:
    """By every route that reads a body; the page for unsubscribing reads none."""
    token, read_by = site.client.token("demo"), []
    headers = {"content-encoding": "gzip", "upload-offset": "0"}
    for route in site.routes:
        for method in ("POST", "PATCH", "QUERY", "PUT"):
            media_type = "application/offset+octet-stream" if method == "PATCH" else "application/json"
            request = good_request(route, method, token, **headers, **{"content-type": media_type})
            response = await site.send(replace(request, body=gzip.compress(b"{}")))
            if response.status_code not in (307, 404, 405):
                read_by.append((method, route.path))
                is_unread = route.path in ("/uploads", "/notifications/unsubscribe")
                assert response.status_code == (400 if is_unread else 415), (method, route.path)
                assert ("accept-encoding" in response.headers) == (not is_unread)
    assert ("PATCH", "/uploads/{upload_id:uuid}") in read_by
    assert ("POST", "/imports/wanikani") in read_by
