"""Supervises several server processes that share one socket, or have one each."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing import connection

import structlog
import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from server.observability.logging import configure_logging
from server.process import StartError, build_server
from server.settings import Settings

log = structlog.get_logger()

_TICK_SECONDS = 0.1
# Delay before a process that died before it was ready is restarted.
_RESTART_DELAY_SECONDS = 2.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ServerProcess(Process):
    """A child process, which stops on SIGTERM and when its parent ends."""

    was_ready = False
    ended_at: float | None = None

    def start(self) -> None:
        # Ctrl-C in a terminal reaches every process. The parent forwards it, so it must not count twice.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Runs in the child process."""
        settings = Settings.load()
        configure_logging(settings.log_level, json=settings.use_json_logs)
        self._server = build_server(settings)
        threading.Thread(target=_terminate_with_parent, daemon=True).start()
        super().target(sockets)

    def check_ready(self) -> bool:
        self.was_ready = self.was_ready or self.is_ready(timeout=_TICK_SECONDS)
        return self.was_ready


class Supervisor(Multiprocess):
    """Starts processes, replaces dead ones, and forwards signals.

    uvicorn's supervisor gives a process five seconds to start and does not report readiness, and it ignores signals
    while it waits for processes.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        workers: int,
        ready: Callable[[], None],
        max_shutdown_seconds: float,
    ) -> None:
        super().__init__(config, sockets)
        self.processes_num = workers
        self.processes: list[ServerProcess] = []  # type: ignore[assignment]  # a list of a subclass
        self._ready = ready
        self._max_shutdown_seconds = max_shutdown_seconds

    def run(self) -> None:
        """Run until a signal. Raises StartError if a process exits before all are ready."""
        try:
            self.init_processes()
            while not self.should_exit.wait(_TICK_SECONDS):
                self.handle_signals()
                self.keep_subprocess_alive()
        finally:
            self._stop(self.processes)

    def init_processes(self) -> None:
        self.processes = [self._start_process(index) for index in range(self.processes_num)]
        if self._wait_until_ready(self.processes):
            self._ready()

    def keep_subprocess_alive(self) -> None:
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if process.ended_at is None:
                if process.exitcode is None and not process.check_ready():
                    continue
                if process.is_alive(self.config.timeout_worker_healthcheck):
                    continue
                process.kill()
                process.join()
                process.ended_at = time.monotonic()
                log.error("server process exited", pid=process.pid, status=process.exitcode)
            if process.was_ready or time.monotonic() >= process.ended_at + _RESTART_DELAY_SECONDS:
                self.processes[index] = self._start_process(index)

    def restart_all(self) -> None:
        """Replace processes one after another, each when its successor is ready."""
        for index, old in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            new = self._start_process(index)
            try:
                is_ready = self._wait_until_ready([new])
            except StartError as error:
                log.error("restart abandoned", reason=str(error))
                return
            if not is_ready:
                self._stop([new])
                return
            self.processes[index] = new
            self._stop([old])

    def handle_ttin(self) -> None:
        self.processes_num += 1
        self.processes.append(self._start_process(len(self.processes)))

    def _start_process(self, index: int) -> ServerProcess:
        process = ServerProcess(self.config, [self.sockets[index % len(self.sockets)]])
        process.start()
        return process

    def _wait_until_ready(self, processes: Iterable[ServerProcess]) -> bool:
        """Wait without a time-out. Returns False on a signal. Raises StartError if one of them exits."""
        starting = list(processes)
        while starting := [process for process in starting if not process.check_ready()]:
            self.handle_signals()
            if self.should_exit.is_set():
                return False
            for process in starting:
                if process.exitcode is not None:
                    raise StartError(f"A server process exited with status {process.exitcode} before it was ready.")
            connection.wait([process.process.sentinel for process in starting], _TICK_SECONDS)
        return True

    def _stop(self, processes: Iterable[ServerProcess]) -> None:
        """Stop gracefully, and forward a second signal."""
        running = [process for process in processes if process.exitcode is None]
        for process in running:
            process.terminate()
        if self.should_exit.is_set():
            # The socket stops listening when the last process has closed it.
            for listener in self.sockets:
                listener.close()
        deadline = time.monotonic() + self._max_shutdown_seconds
        while running := [process for process in running if process.exitcode is None]:
            connection.wait([process.process.sentinel for process in running], _TICK_SECONDS)
            if self._has_stop_signal():
                if self.should_exit.is_set():
                    for process in running:
                        process.terminate()
                self.should_exit.set()
            if time.monotonic() > deadline:
                for process in running:
                    log.error("server process killed after the shutdown timeout", pid=process.pid)
                    process.kill()

    def _has_stop_signal(self) -> bool:
        """Whether a stop signal was queued. Clears the queue."""
        signals, self.signal_queue[:] = self.signal_queue[:], []
        return any(number in _STOP_SIGNALS for number in signals)


def _terminate_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
