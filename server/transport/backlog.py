"""What a connection has received and not parsed."""

from abc import abstractmethod

from server.transport.turns import SHARE_BYTES, Turns
from server.transport.watched import Watched


class Backlog:
    """Bytes in the order in which they came."""

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
        """As many bytes from its beginning, or all."""
        if self._start > len(self):
            # Memory is not held for what was taken long ago.
            self._data, self._start = self._data[self._start :], 0
        piece = memoryview(self._data)[self._start : self._start + size]
        self._start += len(piece)
        if self._start == len(self._data):
            self.clear()
        return piece

    def clear(self) -> None:
        self._data, self._start = b"", 0


class TurnTaker(Watched):
    """A connection that parses piece by piece, and waits for its turn where it has received a lot.

    What waits counts as unfinished, and meanwhile nothing more is read.
    """

    turns: Turns
    backlog: Backlog
    is_waiting = False
    # Parsed at once: what comes of a piece may take many times its bytes.
    piece_bytes: int

    def hold_back(self, data: bytes) -> None:
        """Parses it now, where nobody waits and the turn has room for it; the rest later."""
        self.backlog.add(data)
        self.count_backlog()
        if self.turns.is_free:
            self._parse_down_to(0)
        self.settle_backlog()

    def take_turn(self) -> None:
        self._parse_down_to(max(0, self.turns.left - SHARE_BYTES))
        self.settle_backlog()

    def _parse_down_to(self, left: int) -> None:
        turns, backlog = self.turns, self.backlog
        while backlog and turns.left > left and self.may_parse():
            piece = backlog.take(self.piece_bytes)
            turns.left -= len(piece)
            self.parse(piece)

    def settle_backlog(self) -> None:
        """Waits for a turn, for the application, or for more."""
        if self.wire.is_closing():
            return
        self.count_backlog()
        if not self.backlog:
            self.read_again()
            return
        self.read_no_more()
        if self.may_parse():
            self.turns.wait(self, len(self.backlog))

    # For each protocol

    @abstractmethod
    def may_parse(self) -> bool:
        """Whether the application has room for more."""

    @abstractmethod
    def parse(self, piece: memoryview) -> None: ...
    @abstractmethod
    def count_backlog(self) -> None:
        """Tells the guard."""

    @abstractmethod
    def read_no_more(self) -> None: ...
    @abstractmethod
    def read_again(self) -> None:
        """Unless something else is against it."""
