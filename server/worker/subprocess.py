"""Runs commands in subprocesses of the server, so that their work does not slow down responses."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from server.settings import Settings

# Delay before a worker that exited is restarted.
_RESTART_DELAY_SECONDS = 2.0


@contextmanager
def worker_process(settings: Settings) -> Iterator[None]:
    """Run a worker until the context exits, or this process ends for whatever reason."""
    supervisor = Supervisor(settings, ("worker",), restarts=True)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


@contextmanager
def dictionary_loader(settings: Settings) -> Iterator["Supervisor"]:
    """Yield a supervisor whose `start` loads the dictionary, until the context exits, or this process ends."""
    supervisor = Supervisor(settings, ("dictionary",), restarts=False)
    try:
        yield supervisor
    finally:
        supervisor.stop()


class Supervisor(threading.Thread):
    """Runs a command of `shinjp`, again if it exits and `restarts` is set."""

    def __init__(self, settings: Settings, arguments: Sequence[str], *, restarts: bool) -> None:
        super().__init__(name=arguments[0], daemon=True)
        self._arguments = arguments
        self._restarts = restarts
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._seconds = settings.shutdown_timeout_seconds
        given = {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "METRICS_DIR": settings.metrics_dir,
        }
        self._environment = os.environ | {name: str(value) for name, value in given.items() if value is not None}

    def run(self) -> None:
        while (process := self._start_process()) is not None:
            process.wait()
            if not self._restarts:
                return
            self._stopping.wait(_RESTART_DELAY_SECONDS)

    def _start_process(self) -> subprocess.Popen[bytes] | None:
        """Return None during shutdown."""
        with self._starting:
            if self._stopping.is_set():
                return None
            # The command stops when its standard input is closed, as it is when this process ends.
            self._process = subprocess.Popen(  # noqa: S603  # this interpreter, with arguments of this module
                [sys.executable, "-m", "server", *self._arguments, "--with-parent"],
                stdin=subprocess.PIPE,
                env=self._environment,
                # Ctrl-C in the terminal must reach only the server, which then stops its subprocesses.
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
        if self.ident is not None:
            self.join()
