"""Commands that another process runs end with it, and not as if they had succeeded."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from server.process import StartError
from server.settings import Settings
from server.worker.subprocess import prepare_database

COMMAND = """
import subprocess, sys, threading
from server.cli.parent import exit_with_parent
exit_with_parent()
# Inherits the standard output, which ends with it.
subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
print("ready", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("is_signalled", [True, False])
async def test_end_is_no_success(*, is_signalled: bool) -> None:
    async with asyncio.timeout(60):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        if is_signalled:
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        assert await process.wait() == 128 + signal.SIGTERM
        # Its subprocess has ended, too.
        assert await process.stdout.read() == b""


def test_server_does_not_start_if_the_database_was_not_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    # Exits with 1, whatever its arguments are.
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(StartError, match="could not be prepared"), prepare_database(Settings.load()):
        pass
