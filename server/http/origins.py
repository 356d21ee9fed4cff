"""Allowed origins, checked alike for HTTP, server-sent events, multipart and WebSocket."""

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

# Forms can send these cross-site; any other content type needs a preflight.
_SIMPLE_CONTENT_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_CONTENT_TYPE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+)\s*(;[^,]*)?", re.ASCII)
# Custom headers, which need a preflight in cross-site requests.
_PREFLIGHT_HEADERS = ("graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name")
# Browsers send these schemes without a preflight, if a proxy in front of the server requested them.
_BROWSER_AUTH_SCHEMES = ("basic", "digest", "negotiate", "ntlm")


@dataclass(frozen=True, slots=True)
class Origins:
    """Allowed origins, serialised as browsers do; with `localhost`, also any origin on a loopback host."""

    allowed: Collection[str] = ()
    localhost: bool = False

    def is_allowed(self, origin: str) -> bool:
        """Whether pages of the origin may send requests and read the responses."""
        return origin in self.allowed or (self.localhost and _LOCALHOST.fullmatch(origin) is not None)

    def is_trusted(self, scheme: str, headers: Mapping[str, str]) -> bool:
        """Whether the request does not come from a page of an unknown site. `headers`: by lower-case names."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None:
            # Not a browser, or a browser that states that the request is not cross-site.
            return site in (None, "same-origin", "none")
        if self.is_allowed(origin):
            return True
        # An opaque origin ("null") may be any sandboxed frame or local file.
        return origin != "null" and (site == "same-origin" or _is_same_origin(origin, scheme, headers.get("host")))


def is_preflighted(headers: Mapping[str, str]) -> bool:
    """Whether a browser sends such a request cross-site only after a preflight."""
    if any(name in headers for name in _PREFLIGHT_HEADERS):
        return True
    authorization = headers.get("authorization")
    if authorization is not None and authorization.strip().partition(" ")[0].lower() not in _BROWSER_AUTH_SCHEMES:
        return True
    content_type = _CONTENT_TYPE.fullmatch(headers.get("content-type", ""))
    return content_type is not None and content_type[1].lower() not in _SIMPLE_CONTENT_TYPES


def is_loopback_host(host: str | None) -> bool:
    """Whether a `Host` header names a loopback address.

    By DNS rebinding an attacker lets any other name resolve to 127.0.0.1, which makes their page same-origin.
    """
    return host is not None and _LOOPBACK_HOST.fullmatch(host.lower()) is not None


def normalize_origin(value: str) -> str:
    """Serialise an origin as browsers do. Raises ValueError, whose message says what to write instead."""
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
    origin = f"{url.scheme}://{_normalize_host(value, host)}"
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


def _normalize_host(value: str, host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
        return f"[{address.compressed}]" if address.version == 6 else str(address)
    except ValueError:
        pass
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError(f"{value!r} has no valid host: write an origin as https://app.example") from None


def _is_same_origin(origin: str, scheme: str, host: str | None) -> bool:
    """Whether the origin's host and port are those of the Host header."""
    page, own = _ORIGIN.fullmatch(origin.lower()), _AUTHORITY.fullmatch((host or "").lower())
    if page is None or own is None:
        return False
    # Behind a proxy that terminates TLS, the request's scheme is http and the page's https.
    if page[1] not in (_WEB_SCHEME.get(scheme, scheme), "https"):
        return False
    default = _DEFAULT_PORTS.get(page[1])
    return page[2] == own[1] and int(page[3] or default or 0) == int(own[2] or default or 0)
