"""Where the log's lines go: written together, a moment later, so that no request waits for whoever reads them."""

import asyncio
import atexit
from collections import deque
from threading import Lock
from typing import BinaryIO

# What a process that is killed can lose; warnings and errors are written at once.
DELAY_SECONDS = 0.1


class LogOutput:
    """A logger for structlog, which hands it finished lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines: deque[bytes] = deque()
        self._is_due = False
        self._lock = Lock()
        atexit.register(self.flush)

    def debug(self, line: bytes) -> None:
        self._lines.append(line)
        if self._is_due:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._is_due = True
            loop.call_later(DELAY_SECONDS, self._flush_in_thread, loop)

    info = msg = log = debug

    def warning(self, line: bytes) -> None:
        self._lines.append(line)
        self.flush()

    warn = error = critical = fatal = exception = warning

    def flush(self) -> None:
        """Writes what is waiting."""
        with self._lock:
            lines = []
            while self._lines:
                lines.append(self._lines.popleft())
            if lines:
                self._file.write(b"\n".join([*lines, b""]))
                self._file.flush()

    def _flush_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_due = False
        loop.run_in_executor(None, self.flush)
