"""Measures the waiting times of a well-behaved client, in a separate process.

    python -m bench.healthy_client HOST PORT TOKEN

Until its standard input ends, it sends a small query every 50 ms on a keep-alive connection, and one on a new
connection every second. It prints a line of JSON for each: `at`, the monotonic time at which it was due;
`milliseconds` from then until the response, which includes delays by the previous query; `connection`, and `error`.
"""

import asyncio
import json
import sys
import time
from typing import NamedTuple

# Attacks come from 127.0.0.1; this client has another address, so that limits per address do not apply to it.
ADDRESS = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
QUERY = "{ books(first: 1) { nodes { title } } }"
PERIODS = {"kept": 0.05, "new": 1.0}
TIMEOUT_SECONDS = 60.0


class Streams(NamedTuple):
    """The queries of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Client:
    """Sends queries to one server."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port = host, port
        self.is_stopping = False
        body = json.dumps({"query": QUERY})
        self._request = (
            f"POST /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def ask_regularly(self, connection: str) -> None:
        """`connection`: `kept`, or `new` for each query."""
        streams: Streams | None = None
        due = time.monotonic()
        while not self.is_stopping:
            error = None
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    streams = streams or await self._connect()
                    await self._ask(streams)
            except (OSError, EOFError, ValueError, RuntimeError) as problem:
                error = f"{type(problem).__name__}: {problem}"
            milliseconds = (time.monotonic() - due) * 1000
            sample = {"at": due, "milliseconds": milliseconds, "connection": connection, "error": error}
            print(json.dumps(sample), flush=True)
            if streams and (error or connection == "new"):
                streams.writer.transport.abort()
                streams = None
            due += PERIODS[connection]
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def _connect(self) -> Streams:
        return Streams(*await asyncio.open_connection(self._host, self._port, local_addr=(ADDRESS, 0)))

    async def _ask(self, streams: Streams) -> None:
        streams.writer.write(self._request)
        head = (await streams.reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        body = json.loads(await streams.reader.readexactly(length))
        if "errors" in body:
            raise RuntimeError(f"{head.partition(chr(13))[0]} {json.dumps(body)[:200]}")


async def main(host: str, port: str, token: str) -> None:
    client = Client(host, int(port), token)
    asking = [asyncio.create_task(client.ask_regularly(connection)) for connection in PERIODS]
    await asyncio.to_thread(sys.stdin.read)
    # An unanswered query has the longest waiting time.
    client.is_stopping = True
    await asyncio.gather(*asking)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
