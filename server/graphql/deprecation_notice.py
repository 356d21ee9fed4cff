"""Tells clients that a request used something deprecated: in headers and in `extensions.deprecations`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

import structlog

from domain.brownouts import Brownout
from engine.request.deprecation import Deprecation
from server.caching.trusted_documents import TrustedDocument
from server.http.responses import Headers

log = structlog.get_logger()

MAX_DEPRECATIONS = 20


class DeprecationNotice(NamedTuple):
    """`items`: of `extensions.deprecations`. `headers`: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""

    items: list[dict[str, Any]]
    headers: Headers


def build_notice(
    deprecations: Mapping[str, Deprecation],
    coordinates: Sequence[str],
    trusted: TrustedDocument | None,
    brownouts: Sequence[Brownout],
    now: datetime,
) -> DeprecationNotice | None:
    """Return None if nothing is deprecated: neither the coordinates nor the trusted document.

    The headers have the earliest dates. Brown-outs are those that have not ended.
    """
    document_since = None if trusted is None else trusted.deprecated_since
    if not coordinates and document_since is None:
        return None
    items: list[dict[str, Any]] = []
    since: list[datetime] = []
    sunsets: list[date] = []
    if trusted is not None and document_since is not None:
        items.append({"documentId": trusted.id, "reason": "Only deprecated versions of apps have this document."})
        since.append(document_since)
    for coordinate in coordinates:
        deprecation = deprecations[coordinate]
        items.append(
            _describe(deprecation, [one for one in brownouts if one.coordinate == coordinate and now < one.end])
        )
        if deprecation.sunset is not None:
            since.append(_midnight(deprecation.sunset.since))
            sunsets.append(deprecation.sunset.on)
    headers = [(b"deprecation", b"@%d" % min(since).timestamp())] if since else []
    if sunsets:
        headers.append((b"sunset", format_datetime(_midnight(min(sunsets)), usegmt=True).encode()))
    return DeprecationNotice(items[:MAX_DEPRECATIONS], headers)


def warn_of_idle_brownouts(brownouts: Sequence[Brownout], deprecations: Mapping[str, Deprecation]) -> None:
    """Log the brown-outs of parts that are not deprecated, or that do not exist: they have no effect."""
    for brownout in brownouts:
        if brownout.coordinate not in deprecations:
            log.warning("brown-out has no effect", coordinate=brownout.coordinate, reason="the part is not deprecated")


def _describe(deprecation: Deprecation, brownouts: Sequence[Brownout]) -> dict[str, Any]:
    item: dict[str, Any] = {"coordinate": deprecation.coordinate, "reason": deprecation.reason}
    sunset = deprecation.sunset
    if sunset is not None:
        item |= {"since": sunset.since.isoformat(), "sunset": sunset.on.isoformat()}
        if sunset.replacement is not None:
            item["replacement"] = sunset.replacement
    if brownouts:
        item["brownouts"] = [{"start": one.start.isoformat(), "end": one.end.isoformat()} for one in brownouts]
    return item


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
