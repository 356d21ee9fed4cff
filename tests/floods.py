"""Floods of distinct requests that could fill caches, and the memory of a process."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from tests.clients import TEST_SECRET

STATISTICS = "{ jlptContentStats { bookCount } }"

TIMEOUT_SECONDS = 30.0

# The body and the headers of a POST.
Post = tuple[dict[str, Any], dict[str, str]]
# Distinct numbered requests.
Flood = Callable[[range], Iterator[Post]]


@dataclass
class Connection:
    """A keep-alive connection. For short responses httpx takes longer than the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, body: dict[str, Any], headers: dict[str, str]) -> bytes:
        """The body of the response."""
        content = json.dumps(body).encode()
        sent = {"Host": "x", "Content-Type": "application/json", "Content-Length": str(len(content))} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self.writer.write(f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + content)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await self.writer.drain()
            answered = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(answered.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return await self.reader.readexactly(length)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Connection]:
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def resident_bytes(pid: int) -> int:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def accept_headers(numbers: range) -> Iterator[Post]:
    """Equivalent headers of 4 kB each."""
    for number in numbers:
        yield {"query": STATISTICS}, {"Accept": f"application/json, text/x-{number}{'x' * 4_000}"}


def bodies(numbers: range) -> Iterator[Post]:
    """Bodies with the same document."""
    for number in numbers:
        yield {"query": STATISTICS, "number": f"{number:040}"}, {}


def documents(numbers: range) -> Iterator[Post]:
    for number in numbers:
        yield {"query": f"{{ a{number}: jlptContentStats {{ {f' b{number}: bookCount' * 40} }} }}"}, {}


def operations(numbers: range) -> Iterator[Post]:
    """Each run twice for each of the 16 combinations of its variables, so that all plans are compiled."""
    fields = " ".join(f"bookCount @skip(if: ${name}) {name}: __typename" for name in "abcd")
    for number in numbers:
        selection = f"jlptContentStats {{ {fields} }} books(first: 1) {{ nodes {{ id title author pageCount }} }}"
        text = f"query Q{number}($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) {{ {selection} }}"
        for values in product((True, False), repeat=4):
            for _ in range(2):
                yield {"query": text, "variables": dict(zip("abcd", values, strict=True))}, {}


def refused_documents(numbers: range) -> Iterator[Post]:
    """Documents with a hundred validation errors or one syntax error."""
    for number in numbers:
        yield {"query": f"{{ {' '.join(f'ghost{number}x{index}' for index in range(150))} }}"}, {}
        yield {"query": f"{{ {f'jlptContentStats{number} ' * 150}"}, {}


def persisted_queries(numbers: range) -> Iterator[Post]:
    """20 kB each."""
    for number in numbers:
        query = f"{STATISTICS} # {number} {'x' * 20_000}"
        hash = hashlib.sha256(query.encode()).hexdigest()
        yield {"query": query, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}, {}


def tokens(numbers: range) -> Iterator[Post]:
    """Tokens of one subject."""
    for number in numbers:
        yield {"query": STATISTICS}, _signed_in("flood", f"{number} {'日' * 240}")


def subjects(numbers: range) -> Iterator[Post]:
    for number in numbers:
        yield {"query": STATISTICS}, _signed_in(f"{number:0200}", "Learner")


def cost_variables(numbers: range) -> Iterator[Post]:
    names = [f"v{index}" for index in range(20)]
    declared = ", ".join(f"${name}: Int" for name in names)
    fields = " ".join(f"{name}: books(first: ${name}) {{ totalCount }}" for name in names)
    for number in numbers:
        values = {name: 1_000_000 + number * 20 + index for index, name in enumerate(names)}
        yield {"query": f"query({declared}) {{ {fields} }}", "variables": values}, {}


def client_names(numbers: range) -> Iterator[Post]:
    for number in numbers:
        yield {"query": STATISTICS}, {"GraphQL-Client-Name": f"{number:060}"}


def cached_fields(numbers: range) -> Iterator[Post]:
    """20 values each."""
    names = [f"v{index}" for index in range(20)]
    declared = ", ".join(f"${name}: String!" for name in names)
    fields = " ".join(f"{name}: kanji(character: ${name}) {{ meanings }}" for name in names)
    for number in numbers:
        values = {name: chr(0x4E00 + (number * 20 + index) % 20_000) for index, name in enumerate(names)}
        yield {"query": f"query({declared}) {{ {fields} }}", "variables": values}, {}


def _signed_in(subject: str, name: str) -> dict[str, str]:
    now = datetime.now(UTC)
    claims = {
        "sub": subject,
        "name": name,
        "iss": "https://shinjp.example",
        "aud": "shinjp",
        "exp": now + timedelta(days=1),
    }
    return {"Authorization": f"Bearer {jwt.encode(claims, TEST_SECRET, algorithm='HS256')}"}
