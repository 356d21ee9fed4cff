"""For load balancers and people: is the process alive, and can it serve."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.enums import HealthStatus
from server.state import AppState


async def healthz(_: Request) -> Response:
    """Alive: the event loop answers. Says nothing of the database, so that an outage there restarts nothing."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Ready to serve: 503 while the database is down, and while the server stops.

    Busy, or without Redis, it is ready, and says DEGRADED.
    """
    if request.app.state.http.is_stopping:
        check = {"name": "server", "status": HealthStatus.DOWN, "message": "The server is stopping."}
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
