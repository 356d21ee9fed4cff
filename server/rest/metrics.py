"""Prometheus metrics of this process, collected on request."""

import asyncio
from contextlib import suppress

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request

from common.executors import FILES, run_in
from server.http.responses import BytesResponse
from server.rest.collectors import (
    DirectExportCollector,
    DocumentCollector,
    ErrorCollector,
    ExportCollector,
    FieldCacheCollector,
    HealthCollector,
    HttpCollector,
    LogCollector,
    PoolCollector,
    RateLimitCollector,
)
from server.state import AppState

_DISK_SECONDS = 1.0


async def metrics(request: Request) -> BytesResponse:
    """Respond in Prometheus's text format. Of several processes behind one address, one responds for itself."""
    state: AppState = request.state.shinjp
    registry = CollectorRegistry()
    registry.register(HttpCollector(request.app.state.http))
    registry.register(DirectExportCollector(request.app.state.exports))
    registry.register(LogCollector())
    registry.register(ErrorCollector())
    registry.register(RateLimitCollector(state.services.rate_limits))
    registry.register(DocumentCollector(request.app.state.documents))
    registry.register(HealthCollector(state.services.health))
    registry.register(PoolCollector(state.services.database))
    with suppress(TimeoutError, OSError):
        # A hanging disk must not hide the other metrics.
        async with asyncio.timeout(_DISK_SECONDS):
            registry.register(ExportCollector(await run_in(FILES, state.services.export_files.usage)))
    if state.services.field_cache is not None:
        registry.register(FieldCacheCollector(state.services.field_cache))
    headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"vary", b"Accept-Encoding")]
    return BytesResponse(generate_latest(registry), 200, headers)
