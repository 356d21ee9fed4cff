"""Which media type to answer with."""

from dataclasses import dataclass
from typing import NamedTuple

from common.lru_cache import LRUCache, bytes_of

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    quality: float
    specificity: int


def essence(content_type: str) -> str:
    """The media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def negotiate(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """The offered type that Accept likes best, the first of equals; None where it takes none.

    Quality and specificity count as RFC 9110, section 12.5.1, says. No header accepts everything.
    """
    if not accept:
        return offered[0]
    ranges = [_parsed(part) for part in accept.split(",") if part.strip()]
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = _quality(ranges, media_type)
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


class ResponseTypes(NamedTuple):
    """How a client wants a response, and the events of a subscription; None where it takes neither form."""

    media_type: str | None
    stream_type: str | None


# Clients have few of them, and mostly short ones: what is longer is parsed again.
_MAX_CACHED_ACCEPT = 256
_response_types: LRUCache[str | None, ResponseTypes] = LRUCache(128 * 1024, lambda accept, _: 64 + bytes_of(accept))


def response_types(accept: str | None) -> ResponseTypes:
    """JSON unless the client names the GraphQL response type, or likes it better."""
    types = _response_types.get(accept)
    if types is None:
        types = ResponseTypes(negotiate(accept, (JSON, GRAPHQL_RESPONSE)), stream_type(accept))
        if accept is None or len(accept) <= _MAX_CACHED_ACCEPT:
            _response_types.put(accept, types)
    return types


def stream_type(accept: str | None) -> str | None:
    """How a client wants the events of a subscription; None where it names no way. `*/*` names none."""
    if not accept:
        return None
    named = ",".join(part for part in accept.split(",") if not essence(part).endswith("/*"))
    return negotiate(named, (EVENT_STREAM, MULTIPART)) if named else None


def prefers_html(accept: str | None) -> bool:
    """Whether a person's browser asks: it names text/html and likes JSON less."""
    return accept is not None and HTML in accept.lower() and negotiate(accept, (HTML, JSON)) == HTML


def _quality(ranges: list[_Range], media_type: str) -> float:
    major = media_type.partition("/")[0]
    matching = [range_ for range_ in ranges if range_.type in (media_type, f"{major}/*", "*/*")]
    return max(matching, key=lambda range_: range_.specificity).quality if matching else 0.0


def _parsed(part: str) -> _Range:
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
