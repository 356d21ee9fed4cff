"""Rejects requests during overload, before anything else is done for them."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import orjson
from starlette.types import Scope

from domain.errors import ErrorCode
from domain.request_limits import RequestLimit
from server.http.admission import MESSAGE, RETRY_AFTER_SECONDS, Admission, AdmissionClient, count_rejected
from server.http.cors import cors_headers
from server.http.early_rejection import EarlyRejection
from server.http.headers import get_headers
from server.http.origins import Origins
from server.observability.error_log import count_rejection
from server.observability.request_metrics import Outcome, record_outcome, record_request

# Reading the value of an enumeration's member takes as long as a look-up in a dictionary.
_LIMIT = RequestLimit.RUNNING_OPERATIONS.value
_METHODS = frozenset(("POST", "GET", "HEAD", "QUERY"))
_EXTENSIONS = {
    "code": ErrorCode.SERVICE_UNAVAILABLE.value,
    "retryAfter": RETRY_AFTER_SECONDS,
    "limit": _LIMIT,
}
_BODY = orjson.dumps({"errors": [{"message": MESSAGE, "extensions": _EXTENSIONS}]})


_REJECTION = EarlyRejection(
    (
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(_BODY)),
        (b"retry-after", b"%d" % RETRY_AFTER_SECONDS),
        (b"cache-control", b"no-store"),
    ),
    _BODY,
)


class _Route(NamedTuple):
    """Starlette's routes have the same attribute."""

    path: str


class Overload:
    """Rejects requests to `paths`, and to paths below them, whose operations would wait for too long.

    A rejection must cost little: it is counted, and neither logged nor traced. `paths`: of routes. `client_of`: the
    client of a request, by its scope. `is_cached`: whether the response to this body is cached, which costs less than
    most operations.
    """

    def __init__(
        self,
        paths: Collection[str],
        admission: Admission,
        client_of: Callable[[Scope], AdmissionClient],
        is_cached: Callable[[Scope, bytes], bool],
        origins: Origins,
    ) -> None:
        # The longest first: it is the one that matches.
        self._routes = {path.partition("{")[0]: _Route(path) for path in sorted(paths, key=len, reverse=True)}
        self._prefixes = tuple(self._routes)
        self._admission = admission
        self._client_of = client_of
        self._is_cached = is_cached
        self._origins = origins

    def may_reject(self, scope: Scope) -> bool:
        """Whether the request has an operation, which may have to wait. Preflight requests have none."""
        return self._admission.is_full and scope["method"] in _METHODS and scope["path"].startswith(self._prefixes)

    def reject(self, scope: Scope, body: bytes | None) -> EarlyRejection | None:
        """Return the response to a request that is rejected. `body`: None if it has not arrived completely."""
        client = self._client_of(scope)
        must_reject = self._admission.must_reject(client)
        # Of an admitted request, too: it would count as one that waits. The look-up takes about 4 µs.
        if body and self._is_cached(scope, body):
            return None
        if not must_reject:
            self._admission.expect(client)
            return None
        count_rejected(client.signed_in)
        count_rejection(_LIMIT)
        record_outcome(Outcome.REJECTED)
        scope["route"] = next(route for prefix, route in self._routes.items() if scope["path"].startswith(prefix))
        record_request(scope, 503, 0.0)
        origin = get_headers(scope).get(b"origin")
        if origin is None or not self._origins.is_allowed(origin.decode("latin-1")):
            return _REJECTION
        return EarlyRejection((*_REJECTION.headers, *cors_headers(origin)), _BODY)
