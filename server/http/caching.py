"""What HTTP says of how long an answer may be kept, and answers that a client has already."""

import hashlib
from functools import lru_cache

from cache.field_cache import STALE_SHARE
from execution.cached_fields import Freshness

# Proxies limit the length of a header.
_LONGEST_SURROGATE_KEY = 8_000


def caching_headers(freshness: Freshness) -> list[tuple[bytes, bytes]]:
    """Cache-Control, Vary, and Surrogate-Key where there are tags for it."""
    if not freshness.tags or freshness.is_private:
        return list(_constant_headers(freshness.max_age, freshness.is_private))
    surrogate_key = b" ".join(tag.encode() for tag in sorted(freshness.tags))
    if len(surrogate_key) > _LONGEST_SURROGATE_KEY:
        # A proxy that cannot be told when it changes had better not keep it.
        return list(_constant_headers(0, True))
    return [*_constant_headers(freshness.max_age, False), (b"surrogate-key", surrogate_key)]


def etag_of(body: bytes) -> bytes:
    """Of these very bytes."""
    return b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()


def is_known(etag: bytes, if_none_match: str) -> bool:
    """Whether the client has it: RFC 9110, section 13.1.2, which compares without regard to weakness."""
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in known or etag.decode() in known


@lru_cache(maxsize=200)
def _constant_headers(max_age: int, is_private: bool) -> tuple[tuple[bytes, bytes], ...]:
    scope = "private" if is_private else "public"
    stale = int(max_age * STALE_SHARE)
    value = f"{scope}, max-age={max_age}, stale-while-revalidate={stale}" if max_age else f"{scope}, no-cache"
    # The same address answers otherwise to another reader, or in another form.
    return (b"cache-control", value.encode()), (b"vary", b"Accept, Authorization")
