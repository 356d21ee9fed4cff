"""A transport that counts written and sent bytes."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

# SO_LINGER with a timeout of 0: closing resets the connection, and the kernel discards unsent bytes.
_RESET = struct.pack("ii", 1, 0)


class CountingTransport(asyncio.Transport):
    """Wraps a transport and counts the bytes written to it. `network`: of the client of an upgraded request."""

    __slots__ = ("_transport", "_write", "network", "written_bytes")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self.written_bytes = 0
        self.network = ""

    @property
    def sent_bytes(self) -> int:
        """Bytes that were passed to the kernel."""
        return self.written_bytes - self._transport.get_write_buffer_size()

    def write(self, data: Any) -> None:
        self.written_bytes += len(data)
        self._write(data)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def write_eof(self) -> None:
        self._transport.write_eof()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def abort(self) -> None:
        self._transport.abort()

    def reset(self) -> None:
        """Close immediately with a reset; unsent bytes are discarded, also by the kernel."""
        connection = self.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._transport.get_write_buffer_limits()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()
