"""Every route with the parameters and headers that it reads, and requests with a hostile value in one of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.schema.hostile_values import as_json, hostile_value


@dataclass(frozen=True)
class Route:
    """`path`: its pattern. `samples`: valid values of its query parameters, including nested ones."""

    path: str
    samples: dict[str, str] = field(default_factory=dict)
    path_samples: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def good_path(self) -> str:
        return self.path_with(self.path_samples)

    def path_with(self, values: dict[str, str]) -> str:
        path = self.path
        for name, value in values.items():
            encoded = quote(value[:5_000], safe="", errors="surrogatepass")[:20_000]
            for pattern in (f"{{{name}:uuid}}", f"{{{name}}}"):
                path = path.replace(pattern, encoded)
        return path


_QUERY = "query ($first: Int) { books(first: $first) { totalCount } }"
GRAPHQL = Route(
    "/graphql",
    {
        "query": _QUERY,
        "operationName": "",
        "variables": '{"first": 1}',
        "extensions": "{}",
        "documentId": "",
        "onError": "",
    },
    headers={"GraphQL-Require-Preflight": "1"},
)
# Keys inside `extensions`, which is JSON.
PERSISTED = ("persistedQuery", "version", "sha256Hash")


def routes(link: dict[str, str], file_path: dict[str, str]) -> list[Route]:
    """All routes. `link`, `file_path`: the parameters of an existing file."""
    return [
        GRAPHQL,
        Route(
            "/graphql/p/{document_id}",
            {"operationName": "", "variables": '{"first": 1}', "extensions": "{}", "doc_id": ""},
            {"document_id": "books"},
            {"GraphQL-Require-Preflight": "1"},
        ),
        Route("/graphql/", {"query": _QUERY}),
        Route("/schema.graphql"),
        Route("/exports/files/{job_id:uuid}/{file_name}", link | {"bom": "1"}, file_path),
        Route(
            "/exports/{name}",
            {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "bom": "1"},
            {"name": "cards.csv"},
        ),
        Route(
            "/imports/{user_id:uuid}/{import_id:uuid}/report.csv",
            {"expires": "1", "signature": "a"},
            {"user_id": "0198c0de-0000-7000-8000-000000000000", "import_id": "0198c0de-0000-7000-8000-000000000000"},
        ),
        Route("/uploads", headers={"Tus-Resumable": "1.0.0"}),
        Route(
            "/uploads/{upload_id:uuid}",
            path_samples={"upload_id": "0198c0de-0000-7000-8000-000000000000"},
            headers={"Tus-Resumable": "1.0.0"},
        ),
        Route("/covers/{file_name}", path_samples={"file_name": "0" * 32 + ".png"}),
        Route("/imports/wanikani"),
        Route("/notifications/unsubscribe", {"user": "0" * 32, "kind": "WELCOME", "signature": "x"}),
        Route("/healthz"),
        Route("/readyz"),
        Route("/metrics"),
        Route("/graphiql/assets/{path}", path_samples={"path": "index.html"}),
    ]


# All headers that are read anywhere, including by Starlette's file responses.
HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "access-control-request-headers": "authorization",
    "access-control-request-method": "POST",
    "apollo-require-preflight": "1",
    "apollographql-client-name": "app",
    "apollographql-client-version": "1.0",
    "authorization": "",
    "cache-control": "no-cache",
    "content-encoding": "identity",
    "content-type": "application/json",
    "graphql-client-name": "app",
    "graphql-client-version": "1.0",
    "graphql-require-preflight": "1",
    "host": "localhost",
    "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT",
    "if-none-match": '"etag"',
    "if-range": '"etag"',
    "last-event-id": "1",
    "origin": "http://localhost:3000",
    "range": "bytes=0-9",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "a=1",
    "tus-resumable": "1.0.0",
    "upload-length": "5",
    "upload-metadata": "filename d29yZHMuY3N2",
    "upload-offset": "0",
    "x-apollo-operation-name": "Books",
    "x-debug-stats": "1",
    "x-debug-trace": "plans",
    "x-http-method-override": "PATCH",
    "x-request-id": "1",
    "x-trace-fields": "1",
}
_HEADER_VALUES = (
    *("", "0", "-1", "9" * 19, "9" * 5_000, "null", "=", '"', "\\", "*" * 200, ";" * 500, "," * 500, "a,b;q=1e9"),
    *("\xff\xfe", "人".encode().decode("latin-1"), "a:b:c", "[::1", "http://", "http://[::1", "http://localhost:99999"),
    *("bytes=0-", "bytes=-1", "bytes=9-0", "bytes=a-b", "bytes=0-0,2-3," + "1-1," * 100, "W/", 'W/"', "null, null"),
    *("gzip;q=0", "gzip;q=9e999", "gzip;q=nan", "text/html", "text/event-stream", "multipart/mixed", "*/*;q=", "a/b/c"),
    *("Bearer", "Bearer a.b.c", "Bearer " + "." * 100, "Basic eDp4", "bearer\t\xff", "application/json;charset=\xff"),
)


@dataclass(frozen=True)
class RouteRequest:
    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


def route_request(route: Route, place: str, role_token: str | None, random: Random, values: "Values") -> RouteRequest:
    """A request with a hostile value in this parameter, part of the path, or header; all others are valid."""
    parameters, path_values = dict(route.samples), dict(route.path_samples)
    headers = dict(route.headers)
    if role_token is not None:
        headers["authorization"] = f"Bearer {role_token}"
    if place in HEADERS:
        headers[place] = random.choice(_HEADER_VALUES) if random.random() < 0.9 else HEADERS[place]
    elif place in path_values:
        path_values[place] = values.text(random)
    elif place in PERSISTED:
        parameters["extensions"] = _extensions(place, random, values)
        if random.random() < 0.5:
            del parameters["query"]
    else:
        parameters[place] = values.text(random)
    method = "GET" if random.random() < 0.8 else random.choice(("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
    body = b""
    if route is GRAPHQL and (method == "POST" or random.random() < 0.4):
        method, body, parameters = "POST", _json_body(parameters, place, random, values), {}
        headers.setdefault("content-type", "application/json")
    pairs = [(quoted(name), quoted(value)) for name, value in parameters.items() if value or random.random() < 0.5]
    if random.random() < 0.1:
        pairs += pairs[:1] * random.choice((1, 3, 100))
    return RouteRequest(method, _target(route.path_with(path_values), pairs), _headers(headers), body)


def good_request(route: Route, method: str, role_token: str, **headers: str) -> RouteRequest:
    """A valid request."""
    pairs = [(quoted(name), quoted(value)) for name, value in route.samples.items() if value]
    sent = {"authorization": f"Bearer {role_token}", **route.headers, **headers}
    return RouteRequest(method, _target(route.good_path, pairs), _headers(sent))


def _target(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in pairs)}" if pairs else path


def _headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1", "replace").strip()) for name, value in headers.items()]


@dataclass(frozen=True)
class Values:
    """Existing ids and cursors, to be tampered with."""

    ids: list[str]
    cursors: list[str]

    def any(self, random: Random) -> Any:
        scalar = random.choice(("String", "Int", "ID", "DateTime", "Date", "Float", "Boolean"))
        return hostile_value(random, scalar, self.ids, self.cursors)

    def text(self, random: Random) -> str:
        """The value in a URL: strings as they are, other values as JSON."""
        value = self.any(random)
        return value if isinstance(value, str) else as_json(value)


def _extensions(place: str, random: Random, values: Values) -> str:
    """Possibly invalid JSON."""
    value = as_json(values.any(random))
    if place == "persistedQuery":
        return f'{{"persistedQuery": {value}}}'
    version, hash = ("1", value) if place == "sha256Hash" else (value, json.dumps("0" * 64))
    return f'{{"persistedQuery": {{"version": {version}, "sha256Hash": {hash}}}}}'


def _json_body(parameters: dict[str, str], place: str, random: Random, values: Values) -> bytes:
    """The same parameters in a body, where hostile values may have any type."""
    parts = {
        name: json.dumps(value) if name in ("query", "operationName") else value or "null"
        for name, value in parameters.items()
    }
    if place in parts and place in GRAPHQL.samples:
        parts[place] = as_json(values.any(random))
    text = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in parts.items()) + "}"
    if random.random() < 0.1:
        text = as_json(values.any(random))
    body = text.encode("utf-8", "surrogatepass")
    return body[: random.randrange(len(body) + 1)] + b"\xff" if random.random() < 0.05 else body


def quoted(text: str) -> str:
    # Longer ones are rejected by length before they are parsed. The last escape may be incomplete.
    return quote_plus(text[:20_000], errors="surrogatepass")[:20_000]


# Lookups in requests: query parameters by route, and headers.
_route: ContextVar[str] = ContextVar("route", default="")


@dataclass
class Lookups:
    parameters: dict[str, set[str]] = field(default_factory=dict)
    headers: set[str] = field(default_factory=set)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Wraps an application, and records its lookups."""

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] in ("http", "websocket"):
                _route.set(scope["path"])
                scope.setdefault("state", {})["headers"] = _NotingDict(self.headers, scope["headers"])
            await app(scope, receive, send)

        return noting

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Patches Starlette's classes, too."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("__getitem__", "__contains__"):
                patch.setattr(QueryParams, name, _noting(getattr(QueryParams, name), self._note_parameter))
            for name in ("__getitem__", "__contains__", "getlist"):
                patch.setattr(Headers, name, _noting(getattr(Headers, name), self._note_header))
            yield

    def _note_parameter(self, name: str) -> None:
        self.parameters.setdefault(_route.get(), set()).add(name)

    def _note_header(self, name: str) -> None:
        self.headers.add(name.lower())


def _noting(method: Callable[[Any, str], Any], note: Callable[[str], None]) -> Callable[[Any, str], Any]:
    def noting(of: Any, name: str) -> Any:
        # Response headers have a subclass.
        if type(of) in (Headers, QueryParams):
            note(name)
        return method(of, name)

    return noting


class _NotingDict(dict[bytes, bytes]):
    """Headers by name, like those of `server.http.headers`."""

    def __init__(self, names: set[str], headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(headers)
        self._names = names

    def get(self, name: bytes, default: Any = None) -> Any:
        self._names.add(name.decode())
        return super().get(name, default)

    def __getitem__(self, name: bytes) -> bytes:
        self._names.add(name.decode())
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        assert isinstance(name, bytes)
        self._names.add(name.decode())
        return super().__contains__(name)
