"""Starts `shinjp serve` by forking a process that has imported it, which saves each start seconds of processor time.

`python -m tests.fork_server`: that process. Its standard input is a socket, on which it receives a command, the
settings that differ from its environment, and file descriptors: standard output, standard error, and a pipe to which
it writes the process id and, later, the exit status.
"""

import asyncio
import gc
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

_MAX_REQUEST_BYTES = 100_000
_NUMBER = struct.Struct("<i")


class ForkedProcess:
    """A process, with the part of the interface of `asyncio.subprocess.Process` that tests use.

    `stdout`: its standard output.
    """

    def __init__(self, pid: int, stdout: asyncio.StreamReader, status: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._read_status(status))

    async def _read_status(self, status: asyncio.StreamReader) -> int:
        [self.returncode] = _NUMBER.unpack(await status.readexactly(_NUMBER.size))
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, None]:
        """Waits for the end; returns the rest of the standard output."""
        output = await self.stdout.read()
        await self.wait()
        return output, None

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

    async def start(self, arguments: Sequence[str], settings: Mapping[str, str], stderr: int) -> ForkedProcess:
        """Starts `shinjp` with these arguments. `settings`: environment variables, added to those of this process."""
        output, their_output = os.pipe()
        status, their_status = os.pipe()
        try:
            request = json.dumps([arguments, {**os.environ, **settings}]).encode()
            await asyncio.to_thread(socket.send_fds, self._requests, [request], [their_output, stderr, their_status])
        finally:
            os.close(their_output)
            os.close(their_status)
        stdout, statuses = await _reader(output), await _reader(status)
        [pid] = _NUMBER.unpack(await statuses.readexactly(_NUMBER.size))
        return ForkedProcess(pid, stdout, statuses)

    def close(self) -> None:
        self._requests.close()
        self._process.wait()


async def _reader(descriptor: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0))
    return reader


def _serve(requests: socket.socket) -> list[str]:
    """Forks for each request. Returns only in a forked process: its arguments."""
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
            arguments, environment = json.loads(request)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (requests, wakes, woken):
                    end.close()
                for descriptor in statuses.values():
                    os.close(descriptor)
                _become(descriptors, environment)
                return list(arguments)
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


def main() -> NoReturn:
    gc.disable()
    import server.app
    import server.cli.app_documents
    import server.cli.metrics
    import server.cli.serve
    import server.run
    import server.transport.websocket_protocol
    import server.worker.subprocess

    # A thread would not be in forked processes.
    assert threading.active_count() == 1
    gc.freeze()
    gc.enable()
    # Its own: standard input is replaced in forked processes.
    with socket.socket(fileno=os.dup(0)) as requests:
        arguments = _serve(requests)
    sys.argv[0] = "shinjp"
    server.cli.main(arguments)
    raise AssertionError("the command exits")


if __name__ == "__main__":
    main()
