"""Runs commands in subprocesses of the server, so that their work does not slow down responses."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from server.process import StartError
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
def background_commands(settings: Settings, *commands: str) -> Iterator[Callable[[], None]]:
    """Yield a function that starts the commands, one after another, until the context exits, or this process ends."""
    supervisors = [Supervisor(settings, (command,), restarts=False) for command in commands]

    def run() -> None:
        for supervisor in supervisors:
            supervisor.start()
            supervisor.join()

    try:
        yield threading.Thread(target=run, name="background commands", daemon=True).start
    finally:
        for supervisor in supervisors:
            supervisor.stop()


@contextmanager
def prepare_database(settings: Settings) -> Iterator[None]:
    """Migrate the database and load the content while the context runs, and wait for it. Raises StartError."""
    supervisor = Supervisor(settings, ("prepare",), restarts=False)
    supervisor.start()
    try:
        yield
        supervisor.join()
    finally:
        supervisor.stop()
    if not supervisor.has_succeeded:
        raise StartError("The database could not be prepared.")


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
            # Closes its standard input afterwards.
            with process:
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

    @property
    def has_succeeded(self) -> bool:
        return self._process is not None and self._process.returncode == 0

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
