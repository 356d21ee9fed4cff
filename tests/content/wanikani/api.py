"""A server that speaks the API of WaniKani, revision 20170710, as far as imports use it."""

import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import app_address

TOKEN = "0e0d5f3a-9a3b-4f55-9a1c-6c8f1f0b7a55"
PER_PAGE = 2
CREATED_AT = "2026-01-05T08:00:00.000000Z"


def thing(id: int, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": id, "object": kind, "url": "", "data_updated_at": data.pop("updated", CREATED_AT), "data": data}


def subject(id: int, characters: str, readings: Iterable[str] = (), kind: str = "vocabulary") -> dict[str, Any]:
    return thing(
        id,
        kind,
        characters=characters,
        level=id % 60 + 1,
        readings=[
            {"reading": reading, "primary": not number, "accepted_answer": True}
            for number, reading in enumerate(readings)
        ],
        meanings=[
            {"meaning": "second", "primary": False, "accepted_answer": True},
            {"meaning": "first", "primary": True, "accepted_answer": True},
            {"meaning": "wrong", "primary": False, "accepted_answer": False},
        ],
    )


def assignment(subject_id: int, stage: int, kind: str = "vocabulary", **data: Any) -> dict[str, Any]:
    values = {
        "subject_id": subject_id,
        "subject_type": kind,
        "srs_stage": stage,
        "available_at": None if stage == 9 else "2026-11-30T10:00:00.000000Z",
        "burned_at": "2026-03-01T00:00:00.000000Z" if stage == 9 else None,
        "created_at": CREATED_AT,
        "started_at": CREATED_AT if stage else None,
        "hidden": False,
    }
    return thing(1000 + subject_id, "assignment", **values | data)


@dataclass
class WaniKaniApi:
    """`collections`: by path. `answers`: to the next requests, instead of the API's. `paths`: of all requests."""

    collections: Mapping[str, list[dict[str, Any]]]
    answers: deque[Response] = field(default_factory=deque)
    paths: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)
    address: str = ""

    async def respond(self, request: Request) -> Response:
        self.times.append(time.time())
        self.traces.append(request.headers.get("traceparent"))
        self.paths.append(
            request.url.path.removeprefix("/v2/") + (f"?{request.url.query}" if request.url.query else "")
        )
        if self.answers:
            return self.answers.popleft()
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "Unauthorized. Nice try.", "code": 401}, 401)
        assert request.headers["wanikani-revision"] == "20170710"
        name, query = request.path_params["collection"], dict(request.query_params)
        after = int(query.pop("page_after_id", 0))
        found = [each for each in self.collections[name] if each["id"] > after and _matches(each, query)]
        next_url = None
        if len(found) > PER_PAGE:
            following = {**query, "page_after_id": str(found[PER_PAGE - 1]["id"])}
            next_url = str(request.url.replace_query_params(**following))
        return JSONResponse(
            {"object": "collection", "pages": {"next_url": next_url, "per_page": PER_PAGE}, "data": found[:PER_PAGE]},
            headers={"RateLimit-Limit": "60", "RateLimit-Remaining": "59"},
        )


def _matches(each: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    return (
        ("ids" not in query or str(each["id"]) in query["ids"].split(","))
        and ("updated_after" not in query or each["data_updated_at"] > query["updated_after"].replace("+00:00", "Z"))
        and ("subject_types" not in query or each["data"]["subject_type"] in query["subject_types"].split(","))
    )


@asynccontextmanager
async def running_api(**collections: list[dict[str, Any]]) -> AsyncIterator[WaniKaniApi]:
    api = WaniKaniApi({"study_materials": [], "review_statistics": [], **collections})
    async with app_address(Starlette(routes=[Route("/v2/{collection}", api.respond)])) as address:
        api.address = f"http://{address}/v2"
        yield api
