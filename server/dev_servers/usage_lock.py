"""File locks that count the users of a data directory. The kernel releases those of a killed process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self


class UsageLock:
    """A shared lock; while a process holds it, no other process stops the servers of the data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._users_path = data_dir / "users.lock"
        self._start_path = data_dir / "start.lock"
        self._users = -1

    def __enter__(self) -> Self:
        self._users = os.open(self._users_path, os.O_RDWR | os.O_CREAT, 0o600)
        # Waits while the last user stops the servers.
        with self.exclusive():
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._users)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the exclusive lock for starting and stopping servers."""
        start = os.open(self._start_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(start, fcntl.LOCK_EX)
            yield
        finally:
            os.close(start)

    def is_last_user(self) -> bool:
        """Whether no other process holds the lock. Releases it if another one does."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            return False
        return True
