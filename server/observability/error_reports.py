"""Reports faults to a service that speaks Sentry's protocol: the cause, without messages, values or people."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from traceback import walk_tb
from types import FrameType
from typing import TYPE_CHECKING, Any

from common.throttle import Throttle
from domain.diagnostics import ErrorKey

if TYPE_CHECKING:
    from sentry_sdk.client import Client

# Of errors with the same cause, one in this time is reported, with the number of others.
_INTERVAL_SECONDS = 60.0
# That wait to be sent by the thread of the SDK.
_MAX_QUEUED = 100
_MAX_FRAMES = 50
_MAX_NAME_LENGTH = 100
_CLOSE_SECONDS = 2.0
# All else that the SDK may add to an event is removed.
_SENT = frozenset(
    (
        "environment", "event_id", "exception", "fingerprint", "level", "platform", "release", "sdk", "tags",
        "timestamp",
    )
)  # fmt: skip


class ErrorReports:
    """`process`: the kind of this one."""

    def __init__(self, client: "Client", process: str) -> None:
        self._client = client
        self._process = process
        self._throttle = Throttle(_INTERVAL_SECONDS)

    def add(self, key: ErrorKey, error: BaseException | None, operation: str | None, request_id: str | None) -> None:
        repeated = self._throttle.admit(key)
        if repeated is None:
            return
        tags = {
            "code": key.code,
            "operation": None if operation is None else operation[:_MAX_NAME_LENGTH],
            "process": self._process,
            "repeated": str(repeated),
            "request_id": request_id,
        }
        # The message of the exception may contain values.
        exception: dict[str, Any] = {"type": key.exception or key.code, "value": key.location or ""}
        if error is not None and error.__traceback__ is not None:
            frames = [_describe_frame(frame, line) for frame, line in walk_tb(error.__traceback__)]
            exception["stacktrace"] = {"frames": frames[-_MAX_FRAMES:]}
        self._client.capture_event(
            {
                "level": "error",
                "fingerprint": [key.fingerprint],
                "tags": {name: value for name, value in tags.items() if value is not None},
                "exception": {"values": [exception]},
            }
        )


_current: ErrorReports | None = None


def report_error(key: ErrorKey, error: BaseException | None, operation: str | None, request_id: str | None) -> None:
    """Report a fault of a request or job, if this process does, in less than a millisecond."""
    if _current is not None:
        _current.add(key, error, operation, request_id)


@asynccontextmanager
async def open_error_reports(dsn: str | None, process: str, environment: str) -> AsyncIterator[None]:
    """Report faults of this process until the context exits. `dsn`: of the project; None: nothing is reported."""
    global _current
    if dsn is None:
        yield
        return
    # Imported on use, because it takes a tenth of the startup time.
    from sentry_sdk.client import Client

    client = Client(
        dsn=dsn,
        release=version("shinjp-graphql"),
        environment=environment,
        before_send=_strip,
        # No hooks into other libraries, breadcrumbs, sessions or statistics.
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        enable_backpressure_handling=False,
        enable_metrics=False,
        max_breadcrumbs=0,
        transport_queue_size=_MAX_QUEUED,
    )
    former, _current = _current, ErrorReports(client, process)
    try:
        yield
    finally:
        _current = former
        # It waits for what is queued.
        await asyncio.to_thread(client.close, _CLOSE_SECONDS)


def _strip(event: Any, _hint: Mapping[str, Any]) -> Any:
    return {name: value for name, value in event.items() if name in _SENT}


def _describe_frame(frame: FrameType, line: int) -> dict[str, Any]:
    """Without the path, which may contain the name of a person."""
    module = str(frame.f_globals.get("__name__", ""))
    return {
        "module": module,
        "function": frame.f_code.co_qualname,
        "filename": f"{module.replace('.', '/')}.py",
        "lineno": line,
    }
