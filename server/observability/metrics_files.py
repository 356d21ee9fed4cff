"""The directory of metrics of one server and its worker."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "shinjp-metrics-"
_OWNER = "owner"
# In memory, if the system has such a directory: the kernel would write files elsewhere to disk from time to time.
_MEMORY = Path("/dev/shm")  # noqa: S108  # `mkdtemp` creates a private directory in it


@contextmanager
def metrics_directory(configured: Path | None) -> Iterator[Path]:
    """Yield the configured directory, which persists, or a temporary one."""
    if configured is not None:
        configured.mkdir(parents=True, exist_ok=True)
        yield configured
        return
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    with (path / _OWNER).open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    """Remove the directories of servers that were killed."""
    for path in parent.glob(f"{_PREFIX}*"):
        try:
            with (path / _OWNER).open("r+") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            # It is in use, of another user, or being created.
            continue
