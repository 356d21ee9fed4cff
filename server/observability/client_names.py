"""What clients call themselves in headers."""

import re
from collections.abc import Mapping
from functools import lru_cache

from domain.usage import UNKNOWN, ClientName

# The name and version of GraphQL clients, and of Apollo's.
_HEADERS = (
    (b"graphql-client-name", b"graphql-client-version"),
    (b"apollographql-client-name", b"apollographql-client-version"),
)
_NAME = re.compile(r"[\w .:/@-]{1,64}")
_VERSION = re.compile(r"[\w .:/@+-]{1,32}")


def get_client_name(headers: Mapping[bytes, bytes]) -> ClientName:
    """Return the client's name and version; UNKNOWN if it sends no name or an invalid one."""
    for name_header, version_header in _HEADERS:
        name = headers.get(name_header)
        if name is not None:
            return _parse(name, headers.get(version_header, b""))
    return UNKNOWN


@lru_cache(maxsize=1_000)
def _parse(encoded_name: bytes, encoded_version: bytes) -> ClientName:
    return check_client_name(encoded_name.decode("latin-1"), encoded_version.decode("latin-1"))


def check_client_name(name: object, version: object) -> ClientName:
    """Return UNKNOWN for an invalid name; an invalid version is omitted."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return UNKNOWN
    return ClientName(name, version if isinstance(version, str) and _VERSION.fullmatch(version) else "")
