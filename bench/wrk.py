"""Load from wrk (Debian: apt install wrk)."""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """The results of a load test."""

    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float


_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
"""


def load(url: str, script: str, *, token: str = "", seconds: int, connections: int) -> Load:
    """Sends POST requests that a Lua script builds, or their bodies. All responses must have status 2xx."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt install wrk")
    options = ["--threads", "1", "--connections", str(connections), "--duration", str(seconds), "--latency"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_POST.replace("{token}", token) + script)
        file.flush()
        command = ["wrk", *options, "--script", file.name, url]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in output, output
    return Load(
        requests=int(_found(r"(\d+) requests in", output)),
        requests_per_second=float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        p50_ms=_milliseconds(_found(r"50%\s+([\d.]+\w+)", output)),
        p99_ms=_milliseconds(_found(r"99%\s+([\d.]+\w+)", output)),
    )


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    assert match is not None, output
    return match.group(1)


def _milliseconds(text: str) -> float:
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
