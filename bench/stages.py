"""Where the CPU time of a request goes: microseconds by stage, of a server under load, sampled by py-spy.

    pip install py-spy
    python -m bench.stages book              without and with cache
    python -m bench.stages book,dueCards

A sample belongs to the stage of the innermost function that has one; C code belongs to the function that calls it. The
microseconds are shares of the CPU time per request, which is measured without py-spy. Prints JSON.
"""

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.comparison.requests import Population, write
from bench.cpu import measure
from bench.harness import Served, database_url, report, served

ROUNDS, SECONDS, RATE = 5, 3, 400
# The profiler stops the server so often that it would reject requests.
_ADMISSION = {"MAX_RUNNING_OPERATIONS": "0"}
# By the file of a function. The first match counts.
STAGES = {
    "statement and connection": ("db/core/", "asyncpg/"),
    "token and account": ("server/auth/", "jwt/", "server/http/client_address.py"),
    "log line, metrics and trace": (
        "server/observability/", "common/metrics/", "common/tracing/", "server/http/request_log.py", "structlog/",
        "logging/",
    ),
    "admission, deadline and cost": (
        "server/http/admission.py", "server/http/cancellation.py", "engine/run/deadline.py", "cache/redis/",
        "server/graphql/cost_charge.py", "engine/request/delivered_cost.py", "engine/request/cost", "engine/budget.py",
        "server/http/client_queue.py",
    ),
    "document, variables and limits": ("engine/request/", "server/graphql/document_source.py"),
    "context and loaders": ("server/context.py", "loaders/", "engine/loading/", "common/task_set.py"),
    "field cache": ("cache/", "server/caching/", "engine/caching/", "server/graphql/response_cache.py"),
    "plan, resolvers and domain": ("engine/", "<plan>", "resolvers/", "schema/", "domain/"),
    "encoding": ("server/graphql/response_body.py",),
    "request and response": ("server/graphql/", "server/http/", "starlette/"),
    "protocol": ("server/transport/", "uvicorn/"),
}  # fmt: skip
_OTHER = "event loop and sockets"


def main() -> None:
    if shutil.which("py-spy") is None:
        sys.exit("py-spy is needed: pip install py-spy")
    operations = (sys.argv[1] if len(sys.argv) > 1 else "book").split(",")
    with ExitStack() as stack:
        servers = {
            f"cache {cache}": stack.enter_context(
                served("--no-worker", "--no-migrate", LOG_LEVEL="info", LOG_FORMAT="json", CACHE=cache, **_ADMISSION)
            )
            for cache in ("off", "on")
        }
        population = asyncio.run(Population.prepare(database_url()))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="shinjp-stages-")))
        found: dict[str, dict[str, Any]] = {}
        for operation in operations:
            path = folder / f"{operation}.txt"
            write(population.draw(operation), path)
            found[operation] = {
                name: _measured(server, path, folder, mutates=operation == "reviewCards")
                for name, server in servers.items()
            }
        report(operations=found)


def _measured(server: Served, requests: Path, folder: Path, *, mutates: bool) -> dict[str, float]:
    measured = [
        measure(server.url, server.pid, requests, mutates=mutates, seconds=SECONDS).cpu_microseconds
        for _ in range(ROUNDS)
    ]
    least = min(cpu for cpu in measured[1:] if cpu is not None)
    output = folder / "profile.txt"
    options = ["--full-filenames", "--format", "raw", "--rate", str(RATE), "--duration", str(2 * SECONDS)]
    command = ["py-spy", "record", *options, "--output", str(output), "--pid", str(server.pid)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as profiler:
        measure(server.url, server.pid, requests, mutates=mutates, seconds=2 * SECONDS + 1)
        profiler.wait()
    samples: Counter[str] = Counter()
    for line in output.read_text().splitlines():
        stack, _, number = line.rpartition(" ")
        # Other threads write the log.
        samples[_stage_of(stack.split(";"))] += int(number)
    total = samples.total()
    by_stage = {name: round(least * number / total, 1) for name, number in samples.most_common()}
    return {"all": round(least, 1), **by_stage}


def _stage_of(frames: list[str]) -> str:
    for frame in reversed(frames):
        file = frame[frame.find("(") + 1 :].rpartition(":")[0]
        for package in ("site-packages/", f"{Path.cwd()}/"):
            file = file.rpartition(package)[2]
        for stage, prefixes in STAGES.items():
            if file.startswith(prefixes):
                return stage
    return _OTHER


if __name__ == "__main__":
    main()
