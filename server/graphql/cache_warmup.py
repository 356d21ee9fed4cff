"""Warms the cache up at start and after a purge, by executing the operations of a document."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from graphql import GraphQLError, OperationDefinitionNode, parse

from common.task_set import cancel_and_wait
from db.core.cache_tags import CACHE
from db.core.changes import Change
from domain.errors import ClientError
from domain.usage import UNKNOWN
from engine.request.request_errors import RequestError
from engine.run.deadline import Deadline
from server.context import RequestInfo
from server.graphql.handler import GraphQLHandler
from server.http.request import GraphQLRequest
from server.settings import SettingsError
from server.state import AppState

log = structlog.get_logger()

# The client and the id of its requests.
_NAME = "cache-warmup"


class _PurgeListener:
    """Sets `due` when the cache is empty: see `db.notify.listener.ChangeListener`."""

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


def load_operations(path: Path) -> tuple[str, list[str]]:
    """Return the document and the names of its operations. Raises SettingsError."""
    try:
        text = path.read_text()
        definitions = parse(text).definitions
    except (OSError, GraphQLError) as error:
        raise SettingsError(f"CACHE_WARMUP_FILE: cannot read {path}: {error}") from error
    operations = [definition for definition in definitions if isinstance(definition, OperationDefinitionNode)]
    if not all(operation.name for operation in operations):
        raise SettingsError(f"CACHE_WARMUP_FILE: an operation in {path} has no name.")
    return text, [operation.name.value for operation in operations if operation.name]


@asynccontextmanager
async def run_cache_warmup(handler: GraphQLHandler, state: AppState) -> AsyncIterator[None]:
    """Warm up in the background, unless the cache or the warmup is off."""
    path, cache = state.settings.cache_warmup_file, state.services.field_cache
    if cache is None or path == "off":
        yield
        return
    text, names = load_operations(path)
    listener = _PurgeListener()

    async def warmup_loop() -> None:
        while True:
            await listener.due.wait()
            listener.due.clear()
            await cache.invalidation.wait_recovered()
            for name in names:
                await _execute(handler, state, text, name)

    with state.services.changes.add_listener(listener):
        task = asyncio.create_task(warmup_loop())
        try:
            yield
        finally:
            await cancel_and_wait(task)


async def _execute(handler: GraphQLHandler, state: AppState, text: str, name: str) -> None:
    request_info = RequestInfo(state, "cache-warmup", authorization=None, client=UNKNOWN, is_internal=True)
    try:
        async with Deadline(state.settings.operation_timeout_seconds) as deadline:
            parameters = GraphQLRequest(text, name, {}, {})
            response = await handler.execute(request_info, parameters, deadline, read_only=True)
    except (ClientError, RequestError) as error:
        log.warning("cache warmup failed", operation=name, reason=str(error))
    else:
        if response.body.errors:
            log.warning("cache warmup failed", operation=name, reason=response.body.errors[0]["message"])
