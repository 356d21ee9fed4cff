"""A worker beside the server, in a process of its own, so that its work does not slow down answers."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from server.settings import Settings

# How soon one is started again that ended by itself.
_START_AGAIN_SECONDS = 2.0


@contextmanager
def worker_process(settings: Settings) -> Iterator[None]:
    """Runs for as long as the context is open, and ends with this process, however that ends."""
    supervisor = _Supervisor(settings)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


class _Supervisor(threading.Thread):
    def __init__(self, settings: Settings) -> None:
        super().__init__(name="worker", daemon=True)
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._seconds = settings.shutdown_timeout_seconds
        given = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
        self._environment = os.environ | {name: value for name, value in given.items() if value is not None}

    def run(self) -> None:
        while (process := self._start_process()) is not None:
            process.wait()
            self._stopping.wait(_START_AGAIN_SECONDS)

    def _start_process(self) -> subprocess.Popen[bytes] | None:
        """None where it is time to stop."""
        with self._starting:
            if self._stopping.is_set():
                return None
            # The worker reads its standard input to learn that this process is gone.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "worker", "--with-parent"],
                stdin=subprocess.PIPE,
                env=self._environment,
                # A Ctrl-C in the terminal is for the server, which then ends its worker.
                start_new_session=True,
            )
            return self._process

    def stop(self) -> None:
        with self._starting:
            self._stopping.set()
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        self.join()
