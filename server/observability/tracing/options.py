"""Where traces are sent, and which are kept."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

_NAME = re.compile(r"[A-Za-z0-9!#$&'*.^_`|~+-]+")
_VALUE = re.compile(r"[\x20-\x7e]*")


class TracingOptions(NamedTuple):
    """`endpoint`: the base URL of a collector; None: traces are not sent. `ratio`: of all that are kept.

    `slow_seconds`: operations that take as long are kept.
    """

    endpoint: str | None
    headers: Mapping[str, str]
    ratio: float
    slow_seconds: float


def parse_headers(value: str) -> Mapping[str, str]:
    """Parse `name=value,name=value` with percent-encoded values, as OpenTelemetry does. Raises ValueError."""
    headers = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        name, separator, encoded = part.partition("=")
        decoded = unquote(encoded).strip()
        if not separator or not _NAME.fullmatch(name.strip()) or not _VALUE.fullmatch(decoded):
            raise ValueError("headers must be name=value pairs, separated by commas")
        headers[name.strip()] = decoded
    return headers
