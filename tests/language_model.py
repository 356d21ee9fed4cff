"""A fake language model server with OpenAI's protocol over HTTP, and responses chosen by the test."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import app_address

Answer = Callable[["LanguageModel", dict[str, Any]], Awaitable[Response]]


@dataclass
class LanguageModel:
    """`answers`: the responses to the next requests, in order; after these, valid output."""

    address: str = ""
    answers: deque[Answer] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    # The `traceparent` of each request.
    trace_parents: list[str] = field(default_factory=list)
    # The number of responses before it stops answering; None: unlimited.
    held_after: int | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_requested(self, times: int) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= times)

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        async with self._changed:
            self.requests.append(body)
            self.trace_parents.append(request.headers["traceparent"])
            self._changed.notify_all()
        if self.answers:
            return await self.answers.popleft()(self, body)
        if self.held_after is not None and len(self.requests) > self.held_after:
            return await never_answering(self, body)
        return completion(json.dumps(written(body)))


def completion(content: str | None, **message: Any) -> Response:
    return JSONResponse(
        {
            "id": "completion",
            "object": "chat.completion",
            "created": 0,
            "model": "a model",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
        }
    )


def saying(content: str) -> Answer:
    async def answer(_: LanguageModel, __: dict[str, Any]) -> Response:
        return completion(content)

    return answer


def refusing(status: int, **headers: str) -> Answer:
    async def answer(_: LanguageModel, __: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "no"}}, status, headers)

    return answer


async def refusing_to_write(_: LanguageModel, __: dict[str, Any]) -> Response:
    return completion(None, refusal="I would rather not.")


async def breaking_off(_: LanguageModel, __: dict[str, Any]) -> Response:
    """Sends less than its Content-Length."""
    return Response(b'{"choices": [', headers={"Content-Length": "1000", "Content-Type": "application/json"})


async def never_answering(_: LanguageModel, __: dict[str, Any]) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


# Of words of N5.
MEANINGS = (
    *(
        "to go",
        "to eat",
        "fish",
        "red",
        "blue",
        "white",
        "black",
        "dog",
        "cat",
        "book",
        "to read",
        "to write",
        "to speak",
    ),
    *(
        "school",
        "teacher",
        "student",
        "water",
        "rain",
        "snow",
        "mountain",
        "river",
        "sea",
        "tree",
        "flower",
        "eye",
        "ear",
    ),
    *("hand", "mouth", "to buy", "to sell", "shop", "to drink", "meat", "egg", "bread", "to swim", "to sing", "song"),
)


def written(body: dict[str, Any]) -> dict[str, Any]:
    """A valid plan or chapter for the request's JSON schema."""
    task = body["messages"][1]["content"]
    input = json.loads(task[task.index("{") :])
    if body["response_format"]["json_schema"]["name"] == "plan":
        number = int(task.split(" chapters", 1)[0].rsplit(" ", 1)[1])
        return {
            "chapters": [
                {
                    "title": f"Chapter about {input['topics'][0]} {n}",
                    "summary": "What one says.",
                    "keywords": MEANINGS[n - 1 :: number][:12],
                }
                for n in range(1, number + 1)
            ]
        }
    words = [line.split(" (", 1)[0].split("/")[0] for line in input["wordsToTeach"]]
    return {
        "sentences": [{"japanese": f"これは{word}です。", "english": f"This is {word}."} for word in words[:6]],
        "notes": [{"title": "です *is*", "explanation": "It ends a polite sentence."}],
    }


@asynccontextmanager
async def language_model() -> AsyncIterator[LanguageModel]:
    """Runs the server in the test's event loop, on any free port."""
    model = LanguageModel()
    app = Starlette(routes=[Route("/v1/chat/completions", model.complete, methods=["POST"])])
    async with app_address(app, lifespan="off") as address:
        model.address = f"http://{address}/v1"
        yield model
