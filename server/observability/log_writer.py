"""Writes log lines in a background thread, so that a slow reader of the log blocks nothing."""

import atexit
import os
import select
import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Event, Lock, Thread

# Delay to batch lines, which are lost if the process is killed. Warnings and errors are flushed immediately.
FLUSH_INTERVAL_SECONDS = 0.1
# Batches a flood of warnings.
_MIN_WRITE_INTERVAL_SECONDS = 0.01
# Limit of pending lines, beyond which lines are dropped.
MAX_BYTES = 4 * 1024 * 1024
# Memory of a line in addition to its bytes: object header and slot in the queue.
_OVERHEAD_BYTES = 48
# How long an exiting process waits for a stalled reader.
FLUSH_SECONDS = 2.0


class LogWriter:
    """A logger for structlog that receives rendered lines. Only `flush` blocks, for a limited time.

    `describe_dropped` renders the line that reports dropped lines as soon as lines can be written again.
    """

    def __init__(
        self, file_descriptor: int, describe_dropped: Callable[[int], bytes], *, max_bytes: int = MAX_BYTES
    ) -> None:
        self._file_descriptor = file_descriptor
        self._describe_dropped = describe_dropped
        self._max_bytes = max_bytes
        self._lines: deque[bytes] = deque()
        # Bytes of lines that are queued or being written. Updated without a lock, which would cost more than everything
        # else here: concurrent threads may lose an update, until the queue is empty.
        self._pending_bytes = 0
        self._reported_count = 0
        self._is_due = Event()
        self._is_urgent = Event()
        self._is_writing = False
        self._written = Condition()
        self._starting = Lock()
        self._thread: Thread | None = None
        self.dropped_count = 0
        atexit.register(self.flush)

    def debug(self, line: bytes) -> None:
        size = len(line) + _OVERHEAD_BYTES
        if self._pending_bytes + size > self._max_bytes:
            self.dropped_count += 1
            return
        self._pending_bytes += size
        self._lines.append(line)
        if not self._is_due.is_set():
            self._wake()

    info = msg = log = debug

    def warning(self, line: bytes) -> None:
        self.debug(line)
        self._is_urgent.set()

    warn = error = critical = fatal = exception = warning

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all lines are written, for at most `seconds`."""
        if self._lines:
            self._wake()
        self._is_urgent.set()
        with self._written:
            self._written.wait_for(lambda: not self._lines and not self._is_writing, seconds)

    def _wake(self) -> None:
        self._is_due.set()
        # Threads do not survive a fork.
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self._run, name="log writer", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._is_due.wait()
            self._is_urgent.wait(FLUSH_INTERVAL_SECONDS)
            self._is_due.clear()
            self._is_urgent.clear()
            self._write_pending()
            time.sleep(_MIN_WRITE_INTERVAL_SECONDS)

    def _write_pending(self) -> None:
        self._is_writing = True
        dropped = self.dropped_count
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        count, size = len(lines), sum(map(len, lines)) + _OVERHEAD_BYTES * len(lines)
        if dropped > self._reported_count:
            lines.append(self._describe_dropped(dropped - self._reported_count))
        is_written = self._write(b"\n".join([*lines, b""])) if lines else True
        if is_written:
            self._reported_count = dropped
        else:
            self.dropped_count += count
        self._pending_bytes = self._pending_bytes - size if self._lines else 0
        # Lines may have been dropped during the write.
        if is_written and self.dropped_count > self._reported_count:
            self._is_due.set()
        with self._written:
            self._is_writing = False
            self._written.notify_all()

    def _write(self, content: bytes) -> bool:
        """Return False if the pipe is closed or the disk is full."""
        rest = memoryview(content)
        while rest:
            try:
                rest = rest[os.write(self._file_descriptor, rest) :]
            except BlockingIOError:
                # The pipe may be in non-blocking mode.
                select.select((), (self._file_descriptor,), ())
            except OSError:
                return False
        return True
