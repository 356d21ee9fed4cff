"""Which web pages may send requests: one decision for HTTP, server-sent events, multipart and WebSocket."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEB_SCHEME = {"ws": "http", "wss": "https"}
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[^\[\]/?#@:\s]+)(?::([0-9]{1,5}))?")
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]/?#@:\s]+)(?::([0-9]{1,5}))?")
_LOOPBACK = r"(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"
_LOOPBACK_HOST = re.compile(_LOOPBACK)
_LOCALHOST = re.compile(f"https?://{_LOOPBACK}")

# A form can send these to any site. For any other content type a browser asks first.
_SIMPLE_CONTENT_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_CONTENT_TYPE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+)\s*(;[^,]*)?", re.ASCII)
# A browser asks first as well before it sends one of these for a page of another site.
_PREFLIGHT_HEADERS = ("graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name")
# Browsers add these to Authorization by themselves, for a proxy in front of the server that asked for them.
_SCHEMES_OF_BROWSERS = ("basic", "digest", "negotiate", "ntlm")


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that are allowed, in the form in which browsers send them. `localhost`: any of this machine's too."""

    allowed: Collection[str] = ()
    localhost: bool = False

    def allow(self, origin: str) -> bool:
        """Whether pages of the origin may send requests and read the answers."""
        return origin in self.allowed or (self.localhost and _LOCALHOST.fullmatch(origin) is not None)

    def trust(self, scheme: str, headers: Mapping[str, str]) -> bool:
        """Whether no page of an unknown site can have sent the request. `headers`: by names in lower case."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None:
            # A client that is no browser, or a browser that says that no other site is involved.
            return site in (None, "same-origin", "none")
        if self.allow(origin):
            return True
        # An opaque origin ("null") is that of a sandboxed frame or a local file: it is nobody's.
        return origin != "null" and (site == "same-origin" or _is_own(origin, scheme, headers.get("host")))


def was_preflighted(headers: Mapping[str, str]) -> bool:
    """Whether a browser sends such a request for a page of another site only after this server allowed it."""
    if any(name in headers for name in _PREFLIGHT_HEADERS):
        return True
    authorization = headers.get("authorization")
    if authorization is not None and authorization.strip().partition(" ")[0].lower() not in _SCHEMES_OF_BROWSERS:
        return True
    content_type = _CONTENT_TYPE.fullmatch(headers.get("content-type", ""))
    return content_type is not None and content_type[1].lower() not in _SIMPLE_CONTENT_TYPES


def is_loopback_host(host: str | None) -> bool:
    """Whether a `Host` names this machine to itself.

    Any other name may be one that a stranger lets resolve to 127.0.0.1, so that their page is of the same origin: DNS
    rebinding.
    """
    return host is not None and _LOOPBACK_HOST.fullmatch(host.lower()) is not None


def normalized_origin(value: str) -> str:
    """The origin as browsers write it. Raises ValueError, which names the value and what to write instead."""
    if value == "null":
        return value
    if value == "*":
        raise ValueError("'*' does not allow every origin: write each one, as https://app.example")
    if "://" not in value:
        raise ValueError(f"{value!r} has no scheme: write https://{value.strip('/')}")
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise ValueError(f"{value!r} is not an origin ({error}): write one as https://app.example:8443") from None
    if not host:
        raise ValueError(f"{value!r} has no host: write an origin as https://app.example")
    if "*" in host:
        raise ValueError(f"{value!r} is a pattern, which is not supported: write each origin, as https://app.example")
    origin = f"{url.scheme}://{_normalized_host(value, host)}"
    if port is not None and port != _DEFAULT_PORTS.get(url.scheme):
        origin += f":{port}"
    if url.scheme in _WEB_SCHEME:
        web = origin.replace(url.scheme, _WEB_SCHEME[url.scheme], 1)
        raise ValueError(f"{value!r} is the address of a socket, not the origin of a page: write {web}")
    if url.path not in ("", "/") or url.query or url.fragment or url.username is not None:
        raise ValueError(f"{value!r} is more than an origin: write {origin}")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{value!r} is not an origin: write one as https://app.example")
    return origin


def _normalized_host(value: str, host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
        return f"[{address.compressed}]" if address.version == 6 else str(address)
    except ValueError:
        pass
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError(f"{value!r} has no valid host: write an origin as https://app.example") from None


def _is_own(origin: str, scheme: str, host: str | None) -> bool:
    """Whether the page comes from the host and port that the request is for."""
    page, own = _ORIGIN.fullmatch(origin.lower()), _AUTHORITY.fullmatch((host or "").lower())
    if page is None or own is None:
        return False
    # Where TLS ends at a proxy, the server sees a request for http from its own page at https.
    if page[1] not in (_WEB_SCHEME.get(scheme, scheme), "https"):
        return False
    default = _DEFAULT_PORTS.get(page[1])
    return page[2] == own[1] and int(page[3] or default or 0) == int(own[2] or default or 0)
