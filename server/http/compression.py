"""gzip, for clients that ask for it."""

import asyncio
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

# What is shorter fits into one packet or two as it is.
MIN_BYTES = 1_000
# Of what is sent once: 60 µs for 10 kB, which become 30 %. Level 6 takes twice as long for 27 %.
QUICK = 1
# Of what is kept and sent again.
THOROUGH = 6

# A millisecond at most goes by on the event loop. What is longer is compressed in these threads, which do nothing else.
_THREAD_BYTES = 200_000
_threads = ThreadPoolExecutor(2, thread_name_prefix="gzip")
# A client can write the same in as many ways as it likes.
_LONGEST_KNOWN = 200


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether Accept-Encoding takes gzip, and likes nothing better: RFC 9110, section 12.5.3."""
    if not accept_encoding:
        return False
    return (_known if len(accept_encoding) <= _LONGEST_KNOWN else _accepts_gzip)(accept_encoding)


async def gzipped(body: bytes, level: int = QUICK) -> bytes:
    if len(body) < _THREAD_BYTES:
        return compress(body, level)
    return await asyncio.get_running_loop().run_in_executor(_threads, compress, body, level)


def compress(body: bytes, level: int) -> bytes:
    """Without a time in it: equal bodies become equal bytes."""
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


_known = lru_cache(maxsize=200)(_accepts_gzip)
