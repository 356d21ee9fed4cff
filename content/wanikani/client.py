"""Reads collections of the API of WaniKani."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from enum import StrEnum
from typing import Any

import httpx2
import orjson

from common.tracing.trace import trace_headers
from domain.imports.records import SourceRejectedError

_REVISION = "20170710"
# A collection has up to 19 pages of 500 objects.
MAX_PAGES = 100
MAX_PAGE_BYTES = 16 * 1024 * 1024
MAX_ATTEMPTS = 4
# The limit of 60 requests a minute is reset within one.
MAX_WAIT_SECONDS = 65.0
_DEFAULT_WAIT_SECONDS = 60.0
_FIRST_RETRY_SECONDS = 0.5
_TIMEOUT = httpx2.Timeout(30, connect=10)


class WaniKaniProblem(StrEnum):
    """INVALID_TOKEN: WaniKani rejects it. UNAVAILABLE: no answer, repeatedly. MALFORMED: not as documented."""

    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - no password
    UNAVAILABLE = "UNAVAILABLE"
    MALFORMED = "MALFORMED"


class WaniKaniError(SourceRejectedError):
    """Nothing is imported. The message is a sentence for the learner; neither it nor the cause has the token."""

    def __init__(self, problem: WaniKaniProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


class WaniKaniClient:
    """A connection with a token, which only this object has. Use it as a context manager.

    It waits when the limit of requests is reached, and repeats requests that fail for a reason that may pass.
    """

    def __init__(self, token: str, base_url: str) -> None:
        self._base_url = httpx2.URL(base_url.rstrip("/"))
        headers = {"Authorization": f"Bearer {token}", "Wanikani-Revision": _REVISION}
        self._http = httpx2.AsyncClient(headers=headers, timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> "WaniKaniClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def collection(self, path: str, parameters: Mapping[str, str]) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the objects of all pages. Raises WaniKaniError."""
        url = self._base_url.copy_with(path=f"{self._base_url.path}/{path}", params=parameters)
        for _ in range(MAX_PAGES):
            page = await self._get(url)
            try:
                objects, next_url = page["data"], page["pages"]["next_url"]
                if not isinstance(objects, list):
                    raise TypeError("no list")
                for found in objects:
                    if not isinstance(found["data"], dict) or not isinstance(found["id"], int):
                        raise TypeError("no object")
                    yield found
            except (KeyError, TypeError) as error:
                raise malformed(path) from error
            if next_url is None:
                return
            url = self._next(next_url, path)
        raise malformed(path)

    def _next(self, next_url: object, path: str) -> httpx2.URL:
        """The token is sent to the configured server only."""
        try:
            url = httpx2.URL(str(next_url))
        except httpx2.InvalidURL as error:
            raise malformed(path) from error
        base = self._base_url
        if (url.scheme, url.netloc) != (base.scheme, base.netloc) or not url.path.startswith(base.path):
            raise malformed(path)
        return url

    async def _get(self, url: httpx2.URL) -> dict[str, Any]:
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                await asyncio.sleep(_FIRST_RETRY_SECONDS * 2 ** (attempt - 1))
            try:
                status, headers, content = await self._read(url)
            except httpx2.TransportError:
                continue
            if status == 429:
                await _wait_for_reset(headers)
                continue
            if status in (401, 403):
                message = "WaniKani rejects the token. Create one in its settings that may read your progress."
                raise WaniKaniError(WaniKaniProblem.INVALID_TOKEN, message)
            if status >= 500:
                continue
            found = _decode(content) if status == 200 else None
            if found is None:
                raise malformed(url.path)
            if headers.get("RateLimit-Remaining") == "0":
                await _wait_for_reset(headers)
            return found
        raise WaniKaniError(WaniKaniProblem.UNAVAILABLE, "WaniKani is unavailable or answers with errors; retry later.")

    async def _read(self, url: httpx2.URL) -> tuple[int, Mapping[str, str], bytes]:
        content = bytearray()
        async with self._http.stream("GET", url, headers=trace_headers()) as response:
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MAX_PAGE_BYTES:
                    raise malformed(url.path)
            return response.status_code, response.headers, bytes(content)


async def _wait_for_reset(headers: Mapping[str, str]) -> None:
    """Until the second of `RateLimit-Reset`, at most about a minute."""
    try:
        seconds = float(headers["RateLimit-Reset"]) - time.time()
    except (KeyError, ValueError):
        seconds = _DEFAULT_WAIT_SECONDS
    await asyncio.sleep(max(0.0, min(seconds, MAX_WAIT_SECONDS)))


def _decode(content: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def malformed(path: str) -> WaniKaniError:
    return WaniKaniError(WaniKaniProblem.MALFORMED, f"The answer of WaniKani for {path} is not as documented.")
