"""Validates URLs in settings. Messages never quote a URL, because it may contain a password."""

import os
from urllib.parse import SplitResult, parse_qs, urlsplit

_DATABASE_SCHEMES = ("postgresql", "postgres")
_REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel")
_WEB_SCHEMES = ("https", "http")


def check_database_url(url: str) -> str:
    """Validate a PostgreSQL URL, with several hosts or a socket's directory as `?host=`. Raises ValueError."""
    parts = _split(url, _DATABASE_SCHEMES)
    query = parse_qs(parts.query)
    hosts = _check_hosts(parts.netloc)
    if not any(hosts) and not query.get("host") and not os.environ.get("PGHOST"):
        raise ValueError("it names no host")
    for ports in query.get("port", ()):
        for port in ports.split(","):
            _check_port(port)
    return url


def check_redis_url(url: str) -> str:
    """Validate a URL for `cache.redis.client.open_redis`. Raises ValueError."""
    parts = _split(url, _REDIS_SCHEMES)
    path = parts.path.strip("/")
    if parts.scheme == "unix":
        if not path:
            raise ValueError("it names no socket: unix:///path/of/the/socket is needed")
        _check_redis_options(url, parts)
        return url
    hosts = _check_hosts(parts.netloc)
    if not all(hosts):
        raise ValueError("it names no host")
    database = path
    if parts.scheme == "redis+sentinel":
        name, _, database = path.partition("/")
        if not name:
            raise ValueError("it does not say by which name the sentinels know the server: redis+sentinel://host/name")
        if parts.query:
            raise ValueError("options after `?` are not supported with sentinels")
    elif len(hosts) > 1:
        raise ValueError("it names several hosts, which only redis+sentinel can")
    if database and not database.isdecimal():
        raise ValueError("the database in its path is not a number")
    if parts.scheme != "redis+sentinel":
        _check_redis_options(url, parts)
    return url


def check_web_url(url: str) -> str:
    """Raises ValueError."""
    parts = _split(url, _WEB_SCHEMES)
    hosts = _check_hosts(parts.netloc)
    if len(hosts) != 1 or not hosts[0]:
        raise ValueError("it names no host" if not any(hosts) else "it names several hosts")
    return url


def check_base_url(url: str) -> str:
    """Validate a URL to which paths are appended. Raises ValueError."""
    parts = urlsplit(check_web_url(url))
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("nothing can be put after it: it has a `?` or a `#`")
    return url


def _split(url: str, schemes: tuple[str, ...]) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError("it has a space or a control character in it")
    try:
        parts = urlsplit(url)
    except ValueError:
        # Such as brackets around something that is not an IPv6 address.
        raise ValueError(f"it is not an address. {_PERCENT}") from None
    if "://" not in url or parts.scheme not in schemes:
        raise ValueError(f"it does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return parts


_PERCENT = "Special characters in a user name or a password are percent-encoded, `/` as %2F"


def _check_hosts(location: str) -> list[str]:
    """Return the hosts, some of which may be empty. Raises ValueError."""
    hosts = []
    for address in location.rpartition("@")[2].split(","):
        if address.startswith("["):
            host, closing, rest = address[1:].partition("]")
            if not closing or ":" not in host:
                raise ValueError(f"it is not an address. {_PERCENT}")
        else:
            host, separator, port = address.partition(":")
            rest = separator + port
        if rest:
            if not rest.startswith(":"):
                raise ValueError(f"it is not an address. {_PERCENT}")
            _check_port(rest[1:])
        hosts.append(host)
    return hosts


def _check_port(port: str) -> None:
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise ValueError(f"its port is not a number from 1 to 65535. {_PERCENT}")


def _check_redis_options(url: str, parts: SplitResult) -> None:
    """Validate connection options in the query. Imports the client only if there are any."""
    if not parts.query:
        return
    from cache.redis.client import are_options_known

    if not are_options_known(url):
        raise ValueError("an option after its `?` is not known, or its value is not")
