"""The first start: from a clone of this checkout's last commit to a ready server.

    python -m bench.first_start         with the caches of uv and npm as they are: run it twice

Clones into a temporary directory, runs `make serve` with new data, and stops the server when it is ready. The whole
dictionary is loaded afterwards. Prints the seconds to each message, and the load of the machine before, as JSON.
"""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.harness import ROOT, report

_MAX_SECONDS = 600


def main() -> None:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as directory:
        # PostgreSQL's user must be able to enter it, if this is root.
        Path(directory).chmod(0o755)
        started_at = time.monotonic()
        checkout = Path(directory, "shinjp")
        subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
        seconds = _serve(checkout, started_at)
    report(cores=os.cpu_count(), loadAverage=round(load, 1), seconds=seconds)


def _serve(checkout: Path, started_at: float) -> dict[str, float]:
    """Return the seconds to each message of `make serve` up to the first one of the ready server."""
    environment = os.environ | {"PORT": "0", "SHINJP_DATA_DIR": str(checkout / ".data")}
    seconds: dict[str, float] = {}
    line = ""
    process = subprocess.Popen(
        ["make", "serve"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            elapsed = time.monotonic() - started_at
            if line.startswith("ready "):
                return {**seconds, "ready": round(elapsed, 1)}
            if elapsed > _MAX_SECONDS:
                break
            if line.rstrip().endswith("…"):
                seconds[line.rstrip()] = round(elapsed, 1)
        raise RuntimeError(f"the server was not ready: {line.strip()}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.read()
        process.wait()


if __name__ == "__main__":
    main()
