"""What the image is made of: a wheel, and the packages of production alone."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.databases import column

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def run(*command: str | Path, **environment: str) -> None:
    # Not in the checkout, whose packages Python would find first.
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, cwd="/")
    assert ended.returncode == 0, ended.stderr


def install(folder: Path) -> Path:
    """Builds a wheel, installs it as the Dockerfile does, and returns where programs are."""
    source, environment = folder / "source", folder / "environment"
    left_out = shutil.ignore_patterns(".*", "node_modules", "tests", "__pycache__")
    shutil.copytree(ROOT, source, ignore=left_out)
    run(UV, "venv", "--quiet", "--python", sys.executable, environment)
    lock = ROOT / "requirements-production.lock"
    run(UV, "pip", "install", "--python", environment, "--require-hashes", "--only-binary", ":all:", "-r", lock)
    # The build back end is installed here already.
    run(
        UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder / "dist", source
    )
    run(UV, "pip", "install", "--python", environment, "--no-deps", next((folder / "dist").glob("*.whl")))
    return environment / "bin"


async def test_it_runs_with_the_packages_of_production_alone(
    empty_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    programs, url = await asyncio.to_thread(install, tmp_path), await empty_database()
    await asyncio.to_thread(run, programs / "python", "-c", "import server.process, server.cli.serve")
    await asyncio.to_thread(run, programs / "shinjp", "migrate", "--content", DATABASE_URL=url)
    [words] = await column(url, "select count(*) from vocabulary")
    assert words > 8_000
