"""Validates URLs in settings. Messages never quote a URL, because it may contain a password."""

import os
import re
from urllib.parse import SplitResult, parse_qs, urlsplit

_DATABASE_SCHEMES = ("postgresql", "postgres")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(/[A-Za-z0-9_.-]{1,100}){0,10}/?")
_REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel")
_WEB_SCHEMES = ("https", "http")


def check_database_url(url: str) -> str:
    """Validate a PostgreSQL URL, with several hosts or a socket's directory as `?host=`. Raises ValueError."""
    parts = _split(url, _DATABASE_SCHEMES)
    query = parse_qs(parts.query)
    hosts = _check_hosts(parts.netloc)
    if not any(hosts) and not query.get("host") and not os.environ.get("PGHOST"):
        raise ValueError("URL has no host")
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
            raise ValueError("URL has no socket path; use unix:///path/of/the/socket")
        _check_redis_options(url, parts)
        return url
    hosts = _check_hosts(parts.netloc)
    if not all(hosts):
        raise ValueError("URL has no host")
    database = path
    if parts.scheme == "redis+sentinel":
        name, _, database = path.partition("/")
        if not name:
            raise ValueError("URL has no service name; use redis+sentinel://host/name")
        if parts.query:
            raise ValueError("query options are not supported with Sentinel")
    elif len(hosts) > 1:
        raise ValueError("several hosts are supported only by redis+sentinel")
    if database and not database.isdecimal():
        raise ValueError("database in the URL's path must be a number")
    if parts.scheme != "redis+sentinel":
        _check_redis_options(url, parts)
    return url


def check_web_url(url: str) -> str:
    """Raises ValueError."""
    parts = _split(url, _WEB_SCHEMES)
    hosts = _check_hosts(parts.netloc)
    if len(hosts) != 1 or not hosts[0]:
        raise ValueError("URL has several hosts" if any(hosts) else "URL has no host")
    return url


def check_smtp_url(url: str) -> str:
    """Validate the URL of a mail server. Raises ValueError."""
    parts = _split(url, ("smtps", "smtp"))
    hosts = _check_hosts(parts.netloc)
    if len(hosts) != 1 or not hosts[0]:
        raise ValueError("URL has several hosts" if any(hosts) else "URL has no host")
    if parts.path.strip("/") or parts.query not in ("", "tls=off") or parts.fragment:
        raise ValueError("URL has a path or an unknown option; the only one is tls=off")
    if parts.query and parts.scheme == "smtps":
        raise ValueError("smtps:// has TLS; use smtp://host?tls=off for a server without")
    return url


def check_base_url(url: str) -> str:
    """Validate a URL to which paths are appended. Raises ValueError."""
    parts = urlsplit(check_web_url(url))
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("URL must not have a query or fragment, because paths are appended")
    return url


def check_storage_url(url: str) -> str:
    """Validate the address of a bucket: `s3://bucket/prefix`. Raises ValueError."""
    parts = _split(url, ("s3",))
    if not _BUCKET.fullmatch(parts.netloc):
        raise ValueError("URL has no valid name of a bucket; use s3://bucket or s3://bucket/prefix")
    if not _PREFIX.fullmatch(parts.path) or parts.query or parts.fragment:
        raise ValueError("URL has an invalid prefix; use s3://bucket/prefix, with credentials in AWS_ variables")
    return url


def check_sentry_dsn(dsn: str) -> str:
    """Validate the address of a project: `https://key@host/project`. Raises ValueError."""
    parts = urlsplit(check_base_url(dsn))
    if not parts.username or not parts.path.rpartition("/")[2].isdecimal():
        raise ValueError("DSN must have a key and the number of a project: https://key@host/1")
    return dsn


def _split(url: str, schemes: tuple[str, ...]) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError("URL must not contain spaces or control characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        # Such as brackets around something that is not an IPv6 address.
        raise ValueError(f"not a valid URL. {_PERCENT}") from None
    if "://" not in url or parts.scheme not in schemes:
        raise ValueError(f"URL must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return parts


_PERCENT = "Percent-encode special characters in user names and passwords, such as `/` as %2F"


def _check_hosts(location: str) -> list[str]:
    """Return the hosts, some of which may be empty. Raises ValueError."""
    hosts = []
    for address in location.rpartition("@")[2].split(","):
        if address.startswith("["):
            host, closing, rest = address[1:].partition("]")
            if not closing or ":" not in host:
                raise ValueError(f"not a valid URL. {_PERCENT}")
        else:
            host, separator, port = address.partition(":")
            rest = separator + port
        if rest:
            if not rest.startswith(":"):
                raise ValueError(f"not a valid URL. {_PERCENT}")
            _check_port(rest[1:])
        hosts.append(host)
    return hosts


def _check_port(port: str) -> None:
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise ValueError(f"port must be a number from 1 to 65535. {_PERCENT}")


def _check_redis_options(url: str, parts: SplitResult) -> None:
    """Validate connection options in the query. Imports the client only if there are any."""
    if not parts.query:
        return
    from cache.redis.client import are_options_known

    if not are_options_known(url):
        raise ValueError("unknown query option or invalid value")
