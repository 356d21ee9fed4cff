"""Buffers received input that is not parsed yet."""

from abc import abstractmethod

from server.transport.guarded_connection import GuardedConnection
from server.transport.turns import SHARE_BYTES, Turns


class Backlog:
    """A FIFO buffer of received bytes."""

    __slots__ = ("_data", "_start")

    def __init__(self) -> None:
        self._data = b""
        self._start = 0

    def __len__(self) -> int:
        return len(self._data) - self._start

    def add(self, data: bytes) -> None:
        self._data = self._data[self._start :] + data if self else data
        self._start = 0

    def take(self, size: int) -> memoryview:
        """Remove and return up to `size` bytes from the beginning."""
        if self._start > len(self):
            # Frees the memory of the removed bytes.
            self._data, self._start = self._data[self._start :], 0
        piece = memoryview(self._data)[self._start : self._start + size]
        self._start += len(piece)
        if self._start == len(self._data):
            self.clear()
        return piece

    def clear(self) -> None:
        self._data, self._start = b"", 0


class ScheduledParser(GuardedConnection):
    """A connection that parses its input in pieces, and waits for its turn if the input is large.

    Unparsed input counts towards the limit of unfinished requests, and reading is paused while there is any.
    """

    turns: Turns
    backlog: Backlog
    is_waiting = False
    # Parsed objects may take many times the memory of their bytes.
    piece_bytes: int

    def enqueue_input(self, data: bytes) -> None:
        """Parse `data` immediately, if no connection waits and the turn has bytes left; otherwise in a later turn."""
        is_new = not self.backlog
        self.backlog.add(data)
        self.report_backlog()
        if self.turns.is_free:
            self._parse_until_left(0)
        self.schedule_backlog(is_new=is_new)

    def take_turn(self) -> None:
        self._parse_until_left(max(0, self.turns.left - SHARE_BYTES))
        self.schedule_backlog()

    def _parse_until_left(self, left: int) -> None:
        turns, backlog = self.turns, self.backlog
        while backlog and turns.left > left and self.can_parse():
            piece = backlog.take(self.piece_bytes)
            turns.left -= len(piece)
            self.parse(piece)

    def schedule_backlog(self, *, is_new: bool = False) -> None:
        """Queue the connection for its next turn, or resume reading if nothing is left to parse."""
        if self.wire.is_closing():
            return
        self.report_backlog()
        if not self.backlog:
            self.resume_input()
            return
        self.pause_input()
        if self.can_parse():
            self.turns.wait(self, len(self.backlog), is_new=is_new)

    # Implemented by each protocol

    @abstractmethod
    def can_parse(self) -> bool:
        """Whether the application accepts another message."""

    @abstractmethod
    def parse(self, piece: memoryview) -> None: ...
    @abstractmethod
    def report_backlog(self) -> None:
        """Report the size of the backlog to the guard."""

    @abstractmethod
    def pause_input(self) -> None: ...
    @abstractmethod
    def resume_input(self) -> None:
        """Resume reading, unless it is paused for another reason."""
