"""Load of 10,000 learners on `shinjp serve`: see `bench/load/README.md`.

    make load [SCENARIOS=connections,search,…]

Prints the results as JSON, and writes them to `bench/load/results.json`. Exit status 1 if a target was not met.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from bench.harness import Served, database_url, revision, served
from bench.load import FOLDER, POPULATION
from bench.load.connections import raise_descriptor_limit
from bench.load.held import held
from bench.load.k6 import K6, check
from bench.load.population import LEARNERS, build_population, let_cards_be_due
from bench.load.processes import machine, postmaster, serving, valkey, workers
from bench.load.sampler import Sampler
from bench.load.scenarios import CONNECTIONS, SCENARIOS, Run
from db.core.database import owner_connection
from server.dev_servers.socket_paths import socket_directory
from server.settings import Settings

RESULTS = FOLDER / "results.json"
ROWS = ("users", "cards", "reviews", "books", "textbooks", "reading_progress")
# What a client may do is not limited: a few clients of the test are many of a platform.
SETTINGS = {
    "DB_POOL_MAX": "4",
    "KEEP_ALIVE_SECONDS": "3600",
    "MAX_CONNECTIONS": "16000",
    "MAX_STREAMS_PER_LEARNER": "5000",
    "STREAM_MAX_LIFETIME_SECONDS": "36000",
    "MAX_DIRECT_EXPORTS": "100",
    "EXPORT_MAX_FILES": "10000000",
    "EXPORT_MAX_FILES_PER_LEARNER": "10000000",
    "EXPORT_MIN_FREE_BYTES": "0",
    "UPLOAD_MIN_FREE_BYTES": "0",
    "UPLOAD_MAX_FILES": "10000000",
}


def main() -> None:
    arguments = parse_arguments()
    check()
    raise_descriptor_limit()
    os.environ.update({"SHINJP_DATA_DIR": str(Settings.load().data_dir.resolve())})
    with served("--workers", str(arguments.processes), "--no-migrate", "--worker", **SETTINGS) as server:
        rows, scenarios = uvloop.run(_measure(server, arguments))
    results = {
        "revision": revision(),
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "processes": arguments.processes,
        "learners": arguments.learners,
        "rows": rows,
        "connections": sum(CONNECTIONS.values()),
        "scenarios": scenarios,
    }
    arguments.out.write_text(json.dumps(results, indent=1) + "\n")
    missed = {name: found["missed"] for name, found in scenarios.items() if found["missed"]}
    print(json.dumps(results | {"scenarios": {name: _short(found) for name, found in scenarios.items()}}, indent=2))
    for name, problems in missed.items():
        print(f"{name}: {'; '.join(problems)}", file=sys.stderr)
    sys.exit(1 if missed else 0)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS], default=[])
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--learners", type=int, default=LEARNERS, help="fewer share the connections, for a short run")
    parser.add_argument("--rate", type=int, default=0, help="requests per second, instead of the search")
    parser.add_argument("--max-rate", type=int, default=1_000, help="the target, at which the search ends")
    parser.add_argument("--seconds", type=int, default=600, help="of the steady load")
    parser.add_argument("--step-seconds", type=int, default=30, help="of each rate of the search")
    parser.add_argument("--soak-minutes", type=float, default=float(os.environ.get("SOAK_MINUTES", "30")))
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


async def _measure(server: Served, arguments: argparse.Namespace) -> tuple[dict[str, int], dict[str, Any]]:
    data_dir = Settings.load().data_dir
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(owner_connection(await asyncio.to_thread(database_url)))
        population = Path(stack.enter_context(tempfile.TemporaryDirectory()), POPULATION)
        rows = {table: await owner.fetchval(f"select count(*) from {table}") for table in ROWS}
        await let_cards_be_due(owner)
        content = await build_population(owner, arguments.learners, CONNECTIONS["sockets"])
        await asyncio.to_thread(population.write_text, content)
        connections = await stack.enter_async_context(held(server.url, population))
        k6 = K6(server.url, population)
        processes = serving(server.pid)
        groups = {
            "serving": lambda: processes,
            "postgresql": lambda: [postmaster(data_dir)],
            "valkey": lambda: [valkey(socket_directory(data_dir))],
            "worker": lambda: workers(server.pid),
            "k6": lambda: [] if k6.pid is None else [k6.pid],
            "connections": lambda: [connections.pid],
        }
        run = Run(
            k6,
            connections,
            Sampler(owner, processes, groups),
            seconds=arguments.seconds,
            step_seconds=arguments.step_seconds,
            soak_seconds=round(arguments.soak_minutes * 60),
            max_rate=arguments.max_rate,
            rate=arguments.rate,
        )
        found: dict[str, Any] = {}
        for name in _chosen(arguments):
            print(f"{name} …", file=sys.stderr)
            found[name] = await SCENARIOS[name](run)
            print(json.dumps(_short(found[name])), file=sys.stderr)
            # Jobs and time-outs of a scenario do not slow down the next one.
            await asyncio.sleep(5)
        return rows, found


def _chosen(arguments: argparse.Namespace) -> list[str]:
    """Connections are open in all scenarios, and the rate is known before it is held."""
    if not arguments.scenarios:
        return [name for name in SCENARIOS if name != "search" or not arguments.rate]
    needed = {"connections", *arguments.scenarios}
    if needed - {"connections", "notify"} and not arguments.rate:
        needed.add("search")
    return [name for name in SCENARIOS if name in needed]


def _short(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in ("parts", "course", "memoryMib")}


if __name__ == "__main__":
    main()
