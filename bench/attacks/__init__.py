"""Attacks on a real server, each a module with `async def attack(target: Target)`; `__main__` measures them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The server of one attack, with default settings.

    `pids`: its processes. `token`: for a learner with cards, reviews and a textbook. `editor_token`: for an editor.
    """

    host: str
    port: int
    pids: tuple[int, ...]
    token: str
    editor_token: str

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A raw connection, aborted at exit."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
