"""Commands that another process of `shinjp` runs."""

import os
import signal
import sys
import threading

# As shells report a process that SIGTERM ended: whoever waits for this process must not take it for a success.
_TERMINATED = 128 + signal.SIGTERM


# Below the server's: both work on the same cores.
_NICENESS = 10


def run_in_background() -> None:
    """Lower the priority of this process, and end it with the process that started it."""
    os.nice(_NICENESS)
    exit_with_parent()


def exit_with_parent() -> None:
    """End this process at SIGTERM, and when its standard input ends, as it does with the process that started it."""
    signal.signal(signal.SIGTERM, lambda *_: _exit())
    threading.Thread(target=_wait_for_end, daemon=True).start()


def _wait_for_end() -> None:
    # The parent never writes.
    sys.stdin.read()
    _exit()


def _exit() -> None:
    if os.getpgrp() == os.getpid():
        # Its own subprocesses, such as a build.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
        os.killpg(os.getpid(), signal.SIGTERM)
    os._exit(_TERMINATED)
