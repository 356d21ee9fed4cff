"""Prometheus metrics of all processes of the server."""

from starlette.applications import Starlette
from starlette.requests import Request

from common.executors import COMPUTING, run_in
from common.metrics.process import OperatingSystemCollector
from common.metrics.prometheus import render
from server.http.responses import BytesResponse
from server.observability.backlog import JobSampler
from server.observability.metrics_server import is_authorized
from server.observability.process_collectors import LogCollector, PoolCollector
from server.rest.collectors import (
    DirectExportCollector,
    DocumentCollector,
    ErrorCollector,
    ExportSampler,
    FieldCacheCollector,
    HealthCollector,
    HttpCollector,
    RateLimitCollector,
    ReplicaCollector,
)
from server.state import AppState

_VARY = (b"vary", b"Accept, Accept-Encoding")


def register_collectors(app: Starlette, state: AppState) -> None:
    """Add what the parts of this process count themselves."""
    services = state.services
    services.metrics.add(
        OperatingSystemCollector(),
        HttpCollector(app.state.http),
        DirectExportCollector(app.state.exports),
        LogCollector(),
        ErrorCollector(),
        RateLimitCollector(services.rate_limits),
        DocumentCollector(app.state.documents),
        HealthCollector(services.health),
        PoolCollector(services.database),
    )
    if services.replicas is not None:
        services.metrics.add(ReplicaCollector(services.replicas))
    if services.field_cache is not None:
        services.metrics.add(FieldCacheCollector(services.field_cache))
    services.metrics.add_sampler(ExportSampler(services.export_files))
    services.metrics.add_sampler(JobSampler(services.database))


async def metrics(request: Request) -> BytesResponse:
    """Respond in the format of Prometheus or OpenMetrics, with the token if one is required."""
    state: AppState = request.state.shinjp
    if not is_authorized(request.headers.get("authorization"), state.settings.metrics_token):
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"www-authenticate", b"Bearer")]
        return BytesResponse(b"METRICS_TOKEN is required.\n", 401, headers)
    snapshot = await state.services.metrics.snapshot(sample=True)
    # Thousands of lines take milliseconds.
    body, content_type = await run_in(COMPUTING, render, snapshot, request.headers.get("accept", ""))
    return BytesResponse(body, 200, [(b"content-type", content_type.encode()), _VARY])
