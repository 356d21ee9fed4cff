"""Unparsed input of a connection."""

from abc import abstractmethod

from server.transport.turns import SHARE_BYTES, Turns
from server.transport.watched import Watched


class Backlog:
    """Received bytes in order."""

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
            # Frees the memory of bytes that were taken.
            self._data, self._start = self._data[self._start :], 0
        piece = memoryview(self._data)[self._start : self._start + size]
        self._start += len(piece)
        if self._start == len(self._data):
            self.clear()
        return piece

    def clear(self) -> None:
        self._data, self._start = b"", 0


class TurnTaker(Watched):
    """A connection that parses in pieces, and waits for its turn after it received a lot.

    Unparsed input counts as unfinished, and nothing more is read meanwhile.
    """

    turns: Turns
    backlog: Backlog
    is_waiting = False
    # The size of a piece: parsed objects may take many times the memory of their bytes.
    piece_bytes: int

    def hold_back(self, data: bytes) -> None:
        """Parse `data` now, if no connection waits and the turn has bytes left; the rest later."""
        is_new = not self.backlog
        self.backlog.add(data)
        self.count_backlog()
        if self.turns.is_free:
            self._parse_down_to(0)
        self.settle_backlog(is_new=is_new)

    def take_turn(self) -> None:
        self._parse_down_to(max(0, self.turns.left - SHARE_BYTES))
        self.settle_backlog()

    def _parse_down_to(self, left: int) -> None:
        turns, backlog = self.turns, self.backlog
        while backlog and turns.left > left and self.may_parse():
            piece = backlog.take(self.piece_bytes)
            turns.left -= len(piece)
            self.parse(piece)

    def settle_backlog(self, *, is_new: bool = False) -> None:
        """Wait for a turn, for the application, or for more input."""
        if self.wire.is_closing():
            return
        self.count_backlog()
        if not self.backlog:
            self.read_again()
            return
        self.read_no_more()
        if self.may_parse():
            self.turns.wait(self, len(self.backlog), is_new=is_new)

    # For each protocol

    @abstractmethod
    def may_parse(self) -> bool:
        """Whether the application accepts more."""

    @abstractmethod
    def parse(self, piece: memoryview) -> None: ...
    @abstractmethod
    def count_backlog(self) -> None:
        """Report the size of the backlog to the guard."""

    @abstractmethod
    def read_no_more(self) -> None: ...
    @abstractmethod
    def read_again(self) -> None:
        """Resume reading, unless it is paused for another reason."""
