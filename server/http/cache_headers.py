"""Cache-Control, Surrogate-Key and ETag headers."""

import hashlib
import time

from engine.caching.policy import CacheControl

_MAX_BROWSER_AGE_SECONDS = 60
_PRIVATE = (b"cache-control", b"private, no-cache")
_STALE = (b"cache-control", b"public, no-cache")
_VARY = (b"vary", b"Accept, Accept-Encoding, Authorization")
# Proxies limit the length of a header.
_MAX_SURROGATE_KEY_BYTES = 8_000


def build_cache_headers(freshness: CacheControl, *, is_authenticated: bool) -> list[tuple[bytes, bytes]]:
    """Return Cache-Control, Age and Vary, and Surrogate-Key if the response has tags.

    A browser's cache cannot be purged: authenticated clients revalidate every response, because they may have just
    changed it, and anonymous clients after a minute. A proxy that purges by tag may store it for its lifetime.
    """
    now = time.time()
    age = int(max(now - freshness.computed_at, 0.0))
    headers = [_VARY, (b"age", b"%d" % age)] if age else [_VARY]
    if is_authenticated or freshness.is_private:
        return [_PRIVATE, *headers]
    surrogate_key = b" ".join(tag.encode() for tag in sorted(freshness.tags)) if freshness.tags else b""
    if len(surrogate_key) > _MAX_SURROGATE_KEY_BYTES:
        # A proxy that cannot purge the response must not store it.
        return [_PRIVATE, *headers]
    if surrogate_key:
        headers.append((b"surrogate-key", surrogate_key))
    if now >= freshness.fresh_until:
        # Served stale while it is revalidated.
        return [_STALE, *headers]
    lifetime = int(freshness.fresh_until - freshness.computed_at)
    value = b"public, max-age=%d" % min(_MAX_BROWSER_AGE_SECONDS, max(lifetime - age, 0))
    if surrogate_key:
        # Counted from when the value was computed, like Age.
        value += b", s-maxage=%d" % lifetime
    return [(b"cache-control", value), *headers]


def is_shareable(cache_headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a shared cache may store a response with these headers, which `build_cache_headers` returned."""
    return cache_headers[0] != _PRIVATE


def compute_etag(body: bytes) -> bytes:
    """Return the strong ETag of an uncompressed body; its compressed form has the same tag as a weak one."""
    return b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()


def etag_matches(etag: bytes, if_none_match: str) -> bool:
    """Whether If-None-Match has the ETag, by weak comparison (RFC 9110, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.decode() in tags
