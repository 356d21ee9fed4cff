"""What each query of GraphiQL's tabs costs: statements, and milliseconds of one request at a time.

    make bench                          on the content and whatever `make seed` added to it

Starts `shinjp serve` on a free port, runs each tab's query many times as the demo learner, one after the other, and
prints the median and the 99th percentile as JSON, with the git revision.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
TABS = ROOT / "server" / "graphiql" / "tabs"
SHINJP = Path(sys.executable).parent / "shinjp"
WARM_UP, RUNS = 30, 300


def main() -> None:
    token = subprocess.check_output([SHINJP, "token", "--as", "demo"], text=True).strip()
    headers = {"Authorization": f"Bearer {token}", "X-Debug-Stats": "1"}
    with _server() as url, httpx.Client(headers=headers, timeout=60) as client:
        queries = {path.stem: _measure(client, url, path.read_text()) for path in sorted(TABS.glob("*.graphql"))}
    print(json.dumps({"revision": _revision(), "runs": RUNS, "queries": queries}, indent=2))  # its result


def _measure(client: httpx.Client, url: str, query: str) -> dict[str, float]:
    durations: list[float] = []
    for _ in range(WARM_UP + RUNS):
        started_at = time.perf_counter()
        response = client.post(url, json={"query": query})
        durations.append((time.perf_counter() - started_at) * 1000)
    body = response.json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    measured = durations[WARM_UP:]
    return {
        "statements": body["extensions"]["stats"]["sqlStatements"],
        "medianMs": round(statistics.median(measured), 2),
        "p99Ms": round(statistics.quantiles(measured, n=100)[98], 2),
        "bytes": len(response.content),
    }


@contextmanager
def _server() -> Iterator[str]:
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


def _revision() -> str:
    return subprocess.check_output(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True).strip()


if __name__ == "__main__":
    main()
