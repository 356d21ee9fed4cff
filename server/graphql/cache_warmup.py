"""What most readers ask for is made before they ask: at start, and after a purge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from graphql import GraphQLError, OperationDefinitionNode, parse

from db.notify.cache_tags import CACHE, Change
from domain.errors import ClientError
from engine.request.operations import RequestErrors
from engine.run.deadline import Deadline
from server.context import Caller
from server.graphql.handler import Pipeline
from server.http.request import GraphQLRequest
from server.settings import SettingsError
from server.state import State

log = structlog.get_logger()


class _WarmUp:
    """Says when there is nothing in the cache: see `db.notify.listener.ChangeListener`."""

    def __init__(self) -> None:
        self.due = asyncio.Event()

    def on_change(self, change: Change) -> None:
        if change.table == CACHE:
            self.due.set()

    def on_disconnect(self) -> None:
        pass

    def on_connect(self) -> None:
        self.due.set()

    async def drain(self) -> None:
        pass


def operations_of(path: Path) -> tuple[str, list[str]]:
    """The document and the names of its operations. Raises SettingsError."""
    try:
        text = path.read_text()
        definitions = parse(text).definitions
    except (OSError, GraphQLError) as error:
        raise SettingsError(f"CACHE_WARM_UP: {path} cannot be read: {error}") from error
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    if not all(one.name for one in operations):
        raise SettingsError(f"CACHE_WARM_UP: an operation in {path} has no name.")
    return text, [one.name.value for one in operations if one.name]


@asynccontextmanager
async def warming_up(pipeline: Pipeline, state: State) -> AsyncIterator[None]:
    """In the background. Without a cache, or a list, there is nothing to do."""
    path, cache = state.settings.cache_warm_up, state.services.field_cache
    if cache is None or path == "off":
        yield
        return
    text, names = operations_of(path)
    warm_up = _WarmUp()

    async def go_on() -> None:
        while True:
            await warm_up.due.wait()
            warm_up.due.clear()
            await cache.invalidation.wait_recovered()
            for name in names:
                await _run(pipeline, state, text, name)

    with state.services.changes.add_listener(warm_up):
        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _run(pipeline: Pipeline, state: State, text: str, name: str) -> None:
    caller = Caller(state, "warm-up", authorization=None, client="warm-up", debug=False)
    try:
        async with Deadline(state.settings.operation_timeout_seconds) as deadline:
            request = GraphQLRequest(text, name, {}, {})
            answer = await pipeline.run(caller, request, caller.request_id, deadline, read_only=True)
    except (ClientError, RequestErrors) as error:
        log.warning("cache warmup failed", operation=name, reason=str(error))
    else:
        if answer.body.errors:
            log.warning("cache warmup failed", operation=name, reason=answer.body.errors[0]["message"])
