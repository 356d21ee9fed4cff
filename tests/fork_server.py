"""Starts commands by forking a process that has imported them, which saves each start seconds of processor time.

`python -m tests.fork_server`: that process. Its standard input is a socket, on which it receives a module, its
arguments and its environment, and file descriptors: standard output, standard error, and a pipe to which it writes the
process id and, later, the exit status.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from typing import Any

_MAX_REQUEST_BYTES = 100_000
_NUMBER = struct.Struct("<i")
# What the processes of tests run, apart from what these import.
_PRELOADED = (
    "alembic.command",
    "server.app",
    "server.cli.app_documents",
    "server.cli.books",
    "server.cli.documents",
    "server.cli.metrics",
    "server.cli.migrate",
    "server.cli.schema",
    "server.cli.seed",
    "server.cli.serve",
    "server.cli.token",
    "server.cli.user",
    "server.cli.worker",
    "server.run",
    "server.transport.websocket_protocol",
    "server.worker.runtime",
    "server.worker.subprocess",
    "tests.workers",
)
# The module that `shinjp` runs.
COMMAND = "server"


class ForkedProcess:
    """A process, with the part of the interface of `asyncio.subprocess.Process` that tests use.

    `stdout` and `stderr`: empty if they are no pipes.
    """

    def __init__(
        self, pid: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader, status: asyncio.StreamReader
    ) -> None:
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._read_status(status))

    async def _read_status(self, status: asyncio.StreamReader) -> int:
        [self.returncode] = _NUMBER.unpack(await status.readexactly(_NUMBER.size))
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Waits for the end; returns the rest of the standard output and of the standard error."""
        output, errors = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return output, errors

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError if it has ended."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that is forked. It ends when this one does."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", __name__], stdin=theirs.fileno())

    async def start(
        self,
        arguments: Sequence[str],
        settings: Mapping[str, str],
        stderr: int | None = None,
        *,
        stdout: int | None = None,
        module: str = COMMAND,
        forks_processes: bool = False,
    ) -> ForkedProcess:
        """Starts a module with these arguments, by default that of `shinjp`.

        `settings`: environment variables, added to those of this process. `stdout` and `stderr`: None: a pipe.
        `forks_processes`: the processes of `--workers` are forked from it, instead of importing everything again.
        """
        with ExitStack() as theirs:
            outputs = [_pipe(theirs) if given is None else (None, given) for given in (stdout, stderr)]
            status, their_status = _pipe(theirs)
            descriptors = [*(written for _, written in outputs), their_status]
            request = json.dumps([module, arguments, {**os.environ, **settings}, forks_processes]).encode()
            await asyncio.to_thread(socket.send_fds, self._requests, [request], descriptors)
        output, errors = [await _reader(read) for read, _ in outputs]
        statuses = await _reader(status)
        [pid] = _NUMBER.unpack(await statuses.readexactly(_NUMBER.size))
        return ForkedProcess(pid, output, errors, statuses)

    def close(self) -> None:
        self._requests.close()
        self._process.wait()


def _pipe(theirs: ExitStack) -> tuple[int, int]:
    """Its ends. `theirs` closes the one for writing."""
    read, written = os.pipe()
    theirs.callback(os.close, written)
    return read, written


async def _reader(descriptor: int | None) -> asyncio.StreamReader:
    """Of the end of a pipe. None: of nothing."""
    reader = asyncio.StreamReader()
    if descriptor is None:
        reader.feed_eof()
        return reader
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0))
    return reader


def _serve(requests: socket.socket) -> tuple[str, list[str]]:
    """Forks for each request. Returns only in a forked process: its module and arguments."""
    wakes, woken = socket.socketpair()
    for end in (wakes, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno())
    statuses: dict[int, int] = {}
    while True:
        readable, _, _ = select.select([requests, wakes], [], [])
        if wakes in readable:
            wakes.recv(1_000)
            _report_ended(statuses)
        if requests in readable:
            request, descriptors, _, _ = socket.recv_fds(requests, _MAX_REQUEST_BYTES, 3)
            if not request:
                sys.exit()
            module, arguments, environment, forks_processes = json.loads(request)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (requests, wakes, woken):
                    end.close()
                for descriptor in statuses.values():
                    os.close(descriptor)
                _become(descriptors, environment)
                if forks_processes:
                    _fork_processes()
                return module, arguments
            *outputs, statuses[pid] = descriptors
            for descriptor in outputs:
                os.close(descriptor)
            os.write(statuses[pid], _NUMBER.pack(pid))


def _report_ended(statuses: dict[int, int]) -> None:
    for pid in list(statuses):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            descriptor = statuses.pop(pid)
            # A test that failed does not wait for it.
            with suppress(BrokenPipeError):
                os.write(descriptor, _NUMBER.pack(os.waitstatus_to_exitcode(status)))
            os.close(descriptor)


def _become(descriptors: Sequence[int], environment: Mapping[str, str]) -> None:
    """Replaces the standard streams and the environment, in a forked process."""
    stdin = os.open(os.devnull, os.O_RDONLY)
    for target, descriptor in enumerate((stdin, *descriptors[:2])):
        os.dup2(descriptor, target)
    for descriptor in (stdin, *descriptors):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)


def _fork_processes() -> None:
    """Makes uvicorn's supervisor fork its processes. They handle signals as spawned ones do: by default, at first."""
    import uvicorn._subprocess

    def reset_signals() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTTIN, signal.SIGTTOU):
            signal.signal(number, signal.SIG_DFL)

    os.register_at_fork(after_in_child=reset_signals)
    context: Any = multiprocessing.get_context("fork")
    uvicorn._subprocess.spawn = context


def main() -> None:
    gc.disable()
    for name in _PRELOADED:
        import_module(name)
    # A thread would not be in forked processes.
    assert threading.active_count() == 1
    gc.freeze()
    gc.enable()
    # Its own: standard input is replaced in forked processes.
    with socket.socket(fileno=os.dup(0)) as requests:
        module, arguments = _serve(requests)
    sys.argv = ["shinjp", *arguments]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
