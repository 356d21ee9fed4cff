"""The upper bound of any cache: complete responses as bytes, in a dictionary by query and variables.

It verifies no token, evicts nothing, and has no per-user data.
"""

import os
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# Response bodies by request body.
PAIRS = orjson.loads(Path(os.environ["BENCH_ANSWERS"]).read_bytes())


def key_of(body: bytes) -> tuple[str, bytes]:
    asked = orjson.loads(body)
    return asked["query"], orjson.dumps(asked["variables"], option=orjson.OPT_SORT_KEYS)


ANSWERS = {key_of(asked.encode()): orjson.dumps(answer) for asked, answer in PAIRS}


async def answer(request: Request) -> Response:
    return Response(ANSWERS[key_of(await request.body())], media_type="application/json")


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
