"""A test client: sends HTTP requests to the ASGI application, with its lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from server.app import create_app
from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.deliveries import check_delivery

TEST_SECRET = "a secret that only tests know, long enough"


@dataclass(frozen=True)
class Answer:
    """The response to an operation."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def error_codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.body.get("errors", ())]

    @property
    def messages(self) -> list[str]:
        return [error["message"] for error in self.body.get("errors", ())]

    @property
    def statements(self) -> int:
        count: int = self.body["extensions"]["stats"]["sqlStatements"]
        return count


class Client:
    """Runs operations. `user`: the subject of the access token; None for an anonymous client.

    Fails if a response exceeds the list sizes and string lengths that the schema declares, on which costs are based.
    """

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self.http = http
        self.settings = settings

    def token(self, subject: str) -> str:
        return issue_token(self.settings, subject)

    async def run(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        user: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {"X-Debug-Stats": "1", **(headers or {})}
        if user is not None:
            sent["Authorization"] = f"Bearer {self.token(user)}"
        response = await self.http.post("/graphql", json={"query": query, "variables": variables or {}}, headers=sent)
        answer = Answer(response.status_code, response.json(), response.headers)
        check_delivery(query, variables or {}, answer.body.get("data"))
        return answer


def settings_of(database_url: str, redis_url: str | None, **settings: Any) -> Settings:
    # All tests share one client address, so limits per client are high.
    defaults: dict[str, Any] = {
        "log_level": "warning",
        "cache_warmup_file": "off",
        # A busy machine does not reach them.
        "operation_timeout_seconds": 120,
        "db_pool_timeout_seconds": 60,
        "max_new_documents": 1_000_000,
        "exports_per_hour": 1_000_000,
        "reports_per_hour": 1_000_000,
        "text_analyses_per_hour": 1_000_000,
        "sign_ups_per_hour": 10_000,
        "streams_per_hour": 1_000_000,
        "uploads_per_hour": 1_000_000,
        "upload_requests_per_hour": 1_000_000,
        "imports_per_hour": 1_000_000,
        "writes_per_hour": 1_000_000,
        "settings_changes_per_hour": 1_000_000,
        "simulations_per_hour": 1_000_000,
        "group_joins_per_hour": 1_000_000,
        "cost_plans": "anonymous=1000000000/1000000",
    }
    settings = {"jwt_secret": SecretStr(TEST_SECRET), **defaults, **settings}
    return Settings.load(database_url=database_url, redis_url=redis_url, **settings)


@asynccontextmanager
async def client_of(database_url: str, redis_url: str | None, **settings: Any) -> AsyncIterator[Client]:
    """A client of a new server on these databases."""
    configured = settings_of(database_url, redis_url, **settings)
    app = create_app(configured)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            """Adds the lifespan's state to the scope, as servers do."""
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=60) as http:
            yield Client(http, configured)
