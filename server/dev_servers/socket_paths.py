"""Where the sockets are."""

import hashlib
import os
import tempfile
from pathlib import Path

# The kernel's limit for the path of a unix socket is 107 bytes; the longest name here is `.s.PGSQL.5432.lock`.
_MAX_DIRECTORY_BYTES = 107 - len("/.s.PGSQL.5432.lock")


def socket_directory(data_dir: Path) -> Path:
    """A directory for sockets: in the data directory, or a short one of this user's where that path is too long."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= _MAX_DIRECTORY_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"shinjp-{os.getuid()}-{digest}"
