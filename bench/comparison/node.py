"""Starts the server of `bench/comparison/mercurius`."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import Served, started
from server.settings import Settings

_FOLDER = Path(__file__).parent / "mercurius"


def is_supported() -> bool:
    """Whether Node is installed."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


@contextmanager
def served(database_url: str) -> Iterator[Served]:
    """Installs the locked packages if they are missing."""
    if not (_FOLDER / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=_FOLDER, check=True)
    settings = Settings.load()
    environment = {
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "JWT_SECRET": settings.signing_secret(),
        "JWT_ISSUER": settings.jwt_issuer,
        "JWT_AUDIENCE": settings.jwt_audience,
    }
    with started(["node", str(_FOLDER / "server.js")], environment) as process:
        yield process
