"""What HTTP says of how long an answer may be kept, and answers that a client has already."""

import hashlib
import time

from engine.caching.policy import Freshness

# In seconds.
_LONGEST_IN_BROWSERS = 60
_PRIVATE = (b"cache-control", b"private, no-cache")
_STALE = (b"cache-control", b"public, no-cache")
# The same address answers otherwise to another reader, or in another form.
_VARY = (b"vary", b"Accept, Accept-Encoding, Authorization")
# Proxies limit the length of a header.
_LONGEST_SURROGATE_KEY = 8_000


def caching_headers(freshness: Freshness, *, signed_in: bool) -> list[tuple[bytes, bytes]]:
    """Cache-Control, Age and Vary, and Surrogate-Key where there are tags for it.

    Nobody can take back what a browser keeps. So it asks again with each request of somebody who is signed in, and may
    just have changed what it has; for others after a minute. A proxy that is purged by tags may keep it to its end.
    """
    now = time.time()
    age = int(max(now - freshness.made_at, 0.0))
    headers = [_VARY, (b"age", b"%d" % age)] if age else [_VARY]
    if signed_in or freshness.is_private:
        return [_PRIVATE, *headers]
    surrogate_key = b" ".join(tag.encode() for tag in sorted(freshness.tags)) if freshness.tags else b""
    if len(surrogate_key) > _LONGEST_SURROGATE_KEY:
        # A proxy that cannot be told when it changes had better not keep it.
        return [_PRIVATE, *headers]
    if surrogate_key:
        headers.append((b"surrogate-key", surrogate_key))
    if now >= freshness.fresh_until:
        # It is shown while it is made anew.
        return [_STALE, *headers]
    lifetime = int(freshness.fresh_until - freshness.made_at)
    value = b"public, max-age=%d" % min(_LONGEST_IN_BROWSERS, max(lifetime - age, 0))
    if surrogate_key:
        # From when it was made, as Age says it.
        value += b", s-maxage=%d" % lifetime
    return [(b"cache-control", value), *headers]


def etag_of(body: bytes) -> bytes:
    """Of these very bytes; what is made of them by compression has the same, as a weak one."""
    return b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()


def is_known(etag: bytes, if_none_match: str) -> bool:
    """Whether the client has it: RFC 9110, section 13.1.2, which compares without regard to weakness."""
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in known or etag.decode() in known
