"""Content negotiation by the Accept header (RFC 9110, section 12.5.1)."""

from dataclasses import dataclass
from typing import NamedTuple

from common.lru_cache import LRUCache, bytes_of

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
# Of the header, of which the rest is ignored. Browsers send some 150 characters, attackers as many as a head may have.
_MAX_LENGTH = 2_048


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    quality: float
    specificity: int


def essence(content_type: str) -> str:
    """Return the media type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str) -> str | None:
    """Return the parameter `charset` in lower case, or None."""
    for parameter in content_type[:_MAX_LENGTH].split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return None


def negotiate(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Return the offered type with the highest quality, the first of equals; None if none is acceptable.

    A missing header accepts everything.
    """
    if not accept:
        return offered[0]
    ranges = [_parse_range(part) for part in _split(accept) if part.strip()]
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = _quality(ranges, media_type)
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


class ResponseTypes(NamedTuple):
    """Media types of a single response and of a stream of events; None if the client accepts none of that kind."""

    media_type: str | None
    stream_type: str | None


# Clients send few distinct headers, most of them short. Longer ones are not cached.
_MAX_CACHED_ACCEPT = 256
_response_types: LRUCache[str | None, ResponseTypes] = LRUCache(128 * 1024, lambda accept, _: 64 + bytes_of(accept))


def negotiate_response(accept: str | None) -> ResponseTypes:
    """Prefer `application/json` unless the client prefers `application/graphql-response+json`."""
    types = _response_types.get(accept)
    if types is None:
        types = ResponseTypes(negotiate(accept, (JSON, GRAPHQL_RESPONSE)), negotiate_stream(accept))
        if accept is None or len(accept) <= _MAX_CACHED_ACCEPT:
            _response_types[accept] = types
    return types


def negotiate_stream(accept: str | None) -> str | None:
    """Return the media type for a stream of events; None unless the client names one. `*/*` does not."""
    if not accept:
        return None
    named = ",".join(part for part in _split(accept) if not essence(part).endswith("/*"))
    return negotiate(named, (EVENT_STREAM, MULTIPART)) if named else None


def prefers_html(accept: str | None) -> bool:
    """Whether the client names text/html and prefers it to JSON, as browsers do for navigation."""
    return accept is not None and HTML in accept.lower() and negotiate(accept, (HTML, JSON)) == HTML


def _quality(ranges: list[_Range], media_type: str) -> float:
    major = media_type.partition("/")[0]
    matching = [range_ for range_ in ranges if range_.type in (media_type, f"{major}/*", "*/*")]
    return max(matching, key=lambda range_: range_.specificity).quality if matching else 0.0


def _split(accept: str) -> list[str]:
    return accept[:_MAX_LENGTH].split(",")


def _parse_range(part: str) -> _Range:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    specificity = 0 if media_type == "*/*" else 1 if media_type.endswith("/*") else 2
    return _Range(media_type, quality, specificity)
