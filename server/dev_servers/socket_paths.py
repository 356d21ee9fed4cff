"""Paths of Unix sockets."""

import hashlib
import os
import tempfile
from pathlib import Path

# The kernel limits the path of a Unix socket to 107 bytes; the longest name is `.s.PGSQL.5432.lock`.
_MAX_DIRECTORY_BYTES = 107 - len("/.s.PGSQL.5432.lock")


def socket_directory(data_dir: Path) -> Path:
    """Return a directory for sockets: in the data directory, or in the temporary directory if that path is too long."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= _MAX_DIRECTORY_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"shinjp-{os.getuid()}-{digest}"
