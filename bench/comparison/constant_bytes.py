"""The upper bound of any cache: complete responses as bytes, in a dictionary by token, query and variables.

It verifies no token, and evicts nothing.
"""

import os
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def key_of(token: str, body: bytes) -> tuple[str, str, bytes]:
    asked = orjson.loads(body)
    return token, asked["query"], orjson.dumps(asked["variables"], option=orjson.OPT_SORT_KEYS)


ANSWERS = {
    key_of(f"Bearer {token}", body.encode()): orjson.dumps(answer)
    for token, body, answer in orjson.loads(Path(os.environ["BENCH_ANSWERS"]).read_bytes())
}


async def answer(request: Request) -> Response:
    key = key_of(request.headers["authorization"], await request.body())
    return Response(ANSWERS[key], media_type="application/json")


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
