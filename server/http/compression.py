"""gzip compression of response bodies."""

import asyncio
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

# Shorter bodies fit into one or two packets uncompressed.
MIN_BYTES = 1_000
# For bodies that are sent once: 60 µs for 10 kB, which become 30 %. Level 6 takes twice as long for 27 %.
FAST_LEVEL = 1
# For bodies that are cached.
BEST_LEVEL = 6

# Shorter bodies block the event loop for at most a millisecond; longer ones are compressed in these threads.
_THREAD_BYTES = 200_000
_threads = ThreadPoolExecutor(2, thread_name_prefix="gzip")
# Bounds the memory of the cache, because clients choose the header.
_MAX_CACHED_LENGTH = 200


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether Accept-Encoding accepts gzip and does not prefer identity (RFC 9110, section 12.5.3)."""
    if not accept_encoding:
        return False
    return (_cached_accepts_gzip if len(accept_encoding) <= _MAX_CACHED_LENGTH else _accepts_gzip)(accept_encoding)


async def gzip_body(body: bytes, level: int = FAST_LEVEL) -> bytes:
    """Compress in a thread if the body is long."""
    if len(body) < _THREAD_BYTES:
        return compress(body, level)
    return await asyncio.get_running_loop().run_in_executor(_threads, compress, body, level)


def compress(body: bytes, level: int) -> bytes:
    """Compress without a timestamp, so that equal bodies compress to equal bytes."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def _accepts_gzip(accept_encoding: str) -> bool:
    qualities: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, *parameters = part.split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        qualities[coding.strip()] = quality
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0)))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


_cached_accepts_gzip = lru_cache(maxsize=200)(_accepts_gzip)
