"""Liveness and readiness probes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.enums import HealthStatus
from server.state import AppState


async def healthz(_: Request) -> Response:
    """Liveness: the event loop runs. Independent of the database, whose outage must not restart servers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Readiness: 503 while the database is down, and during shutdown. DEGRADED counts as ready."""
    if request.app.state.http.is_stopping:
        check = {"name": "server", "status": HealthStatus.DOWN, "message": "Server is shutting down."}
        return JSONResponse({"status": HealthStatus.DOWN, "checks": [check]}, status_code=503)
    state: AppState = request.state.shinjp
    health = await state.services.health.check()
    return JSONResponse(
        {
            "status": health.status,
            "checks": [
                {"name": check.name, "status": check.status, "message": check.message} for check in health.checks
            ],
        },
        status_code=503 if health.status is HealthStatus.DOWN else 200,
    )
