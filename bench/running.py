"""What all benchmarks need: a server to measure, and a result that says what was measured."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHINJP = Path(sys.executable).parent / "shinjp"


@contextmanager
def server() -> Iterator[str]:
    """The address of a `shinjp serve` of its own, on any free port."""
    # A line in the log for each request would be measured too, at the speed of whatever shows it.
    environment = os.environ | {"LOG_LEVEL": "warning"}
    process = subprocess.Popen([SHINJP, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready "):
                yield line.removeprefix("ready ").strip()
                return
        raise RuntimeError(f"the server ended with {process.wait()} before it was ready")
    finally:
        process.terminate()
        process.wait()


def headers(subject: str) -> dict[str, str]:
    """Signed in as the subject, and told of the statements."""
    token = subprocess.check_output([SHINJP, "token", "--subject", subject], text=True).strip()
    return {"Authorization": f"Bearer {token}", "X-Debug-Stats": "1"}


def summary(durations_ms: list[float]) -> dict[str, float]:
    return {
        "medianMs": round(statistics.median(durations_ms), 2),
        "p99Ms": round(statistics.quantiles(durations_ms, n=100)[98], 2),
    }


def report(**measured: Any) -> None:
    """The result: JSON with the git revision."""
    revision = subprocess.check_output(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True).strip()
    print(json.dumps({"revision": revision, **measured}, indent=2))
