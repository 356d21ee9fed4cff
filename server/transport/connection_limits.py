"""Limits of connections, and the reasons for which they are closed."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Limits of connections. Rates are in bytes per second; 0 for `max_connections_per_address` means no limit."""

    first_byte_seconds: float = 10
    head_seconds: float = 10
    body_grace_seconds: float = 10
    body_min_rate: float = 1_024
    write_seconds: float = 30
    send_min_rate: float = 1_024
    max_connections: int = 10_000
    max_connections_per_address: int = 0
    max_unsent_bytes: int = 256 * 1024 * 1024
    max_unsent_bytes_per_connection: int = 64 * 1024 * 1024
    max_unfinished_bytes: int = 64 * 1024 * 1024


class CloseReason(StrEnum):
    """Why the server closed a connection."""

    SILENT = "first_byte"
    HEAD = "head"
    BODY = "body"
    IDLE = "idle"
    WRITE = "write"
    UNSENT = "unsent_bytes"
    UNFINISHED = "unfinished_bytes"
    EVICTED = "evicted"
