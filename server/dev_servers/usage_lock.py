"""Who uses a data directory. The kernel releases the locks of a process that is killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self


class Lease:
    """While it is held, nobody stops the servers of the data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._users_path = data_dir / "users.lock"
        self._start_path = data_dir / "start.lock"
        self._users = -1

    def __enter__(self) -> Self:
        self._users = os.open(self._users_path, os.O_RDWR | os.O_CREAT, 0o600)
        # Waits while another process, the last one, stops the servers.
        with self.alone():
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._users)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one process at a time starts or stops servers."""
        start = os.open(self._start_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(start, fcntl.LOCK_EX)
            yield
        finally:
            os.close(start)

    def is_last(self) -> bool:
        """Whether nobody else holds the lease. Afterwards this process does not hold it either."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            return False
        return True
