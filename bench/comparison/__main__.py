"""Requests per second, latency and CPU per request of servers in turn, with 1,000 viewers and random ids:

    shinjp           this one without its cache
    warm             this one with its cache, after requests that filled it
    plainStrawberry  the same schema with graphql-core and Strawberry's view
    mercurius        Mercurius with JIT and hand-written loaders, if Node is installed
    byHand           handlers written for these queries
    constantBytes    complete responses from a dictionary
    bare             an ASGI application that reads no request, for the book only

    make bench        after `make seed ARGS="--learners 10000 --cards 1000000 --reviews 10000000
                      --reading-progress 200000 --books 5000 --textbooks 500"`
    python -m bench.comparison book,dueCards      some operations

Each server is one process on one core; PostgreSQL and wrk have the others. Compare the CPU time per request, because
requests per second also depend on PostgreSQL. Prints JSON; `ratios` are of CPU time. `python -m
docs.images.comparison_plot` draws it.
"""

import asyncio
import json
import os
import statistics
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bench.comparison import node
from bench.comparison.operations import QUERIES
from bench.comparison.requests import VIEWERS, Population, Request, write
from bench.cpu import CONNECTIONS, Measured, measure
from bench.harness import UNLIMITED, database_url, report, served, started

ROUNDS, SECONDS, WARM_UP_SECONDS = 3, 3, 2
# Compared with those of the uncached server.
_CHECKED_ANSWERS = 5
# Operations that a server does not support.
_UNSUPPORTED = {
    "mercurius": {"searchVocabulary"},
    "constantBytes": {"reviewCards"},
    "bare": QUERIES.keys() - {"book"},
}
# Whose CPU is divided by whose.
_RATIOS = [
    ("shinjp", "plainStrawberry"),
    ("shinjp", "byHand"),
    ("shinjp", "mercurius"),
    ("warm", "mercurius"),
    ("constantBytes", "warm"),
]


@dataclass(frozen=True)
class Variant:
    """A server to measure."""

    name: str
    url: str
    pid: int

    def address(self, operation: str) -> str:
        return f"{self.url}/{operation}" if self.name == "byHand" else self.url


def main() -> None:
    operations = sys.argv[1].split(",") if len(sys.argv) > 1 else list(QUERIES)
    with ExitStack() as stack:
        own, warm = (
            stack.enter_context(served("--no-worker", "--no-migrate", LOG_LEVEL="info", LOG_FORMAT="json", CACHE=cache))
            for cache in ("off", "on")
        )
        population = asyncio.run(Population.prepare(database_url()))
        requests = {operation: population.draw(operation) for operation in operations}
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="shinjp-comparison-")))
        uncached = Variant("shinjp", own.url, own.pid)
        answers = folder / "answers.json"
        answers.write_text(json.dumps(_answers(uncached, requests)))
        os.environ["BENCH_ANSWERS"] = str(answers)
        variants = [
            uncached,
            Variant("warm", warm.url, warm.pid),
            stack.enter_context(_served("plainStrawberry", "plain_strawberry", "/graphql")),
            stack.enter_context(_served("byHand", "by_hand", "")),
            stack.enter_context(_served("constantBytes", "constant_bytes", "/graphql")),
            stack.enter_context(_served("bare", "bare", "/")),
        ]
        if node.is_supported():
            peer = stack.enter_context(node.served(database_url()))
            variants.append(Variant("mercurius", peer.url, peer.pid))
        _pin(variants)
        measured = {name: _measured(name, variants, of_name, folder) for name, of_name in requests.items()}
        report(seconds=SECONDS, rounds=ROUNDS, connections=CONNECTIONS, viewers=VIEWERS, operations=measured)


@contextmanager
def _served(name: str, application: str, path: str) -> Iterator[Variant]:
    command = [sys.executable, "-m", "bench.comparison.serving", f"bench.comparison.{application}:app"]
    settings = {**UNLIMITED, "DATABASE_URL": database_url(), "LOG_LEVEL": "info"}
    with started(command, settings) as process:
        yield Variant(name, process.url + path, process.pid)


def _pin(variants: list[Variant]) -> None:
    """Pins the server to the first core, and all other processes to the others."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        return
    first = min(cores)
    others = cores - {first}
    for pid in _processes("postgres"):
        # Its connections change during the run.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(pid, others)
    os.sched_setaffinity(0, others)
    for variant in variants:
        for task in Path(f"/proc/{variant.pid}/task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), {first})


def _processes(name: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _measured(operation: str, variants: list[Variant], requests: list[Request], folder: Path) -> dict[str, Any]:
    chosen = [variant for variant in variants if operation not in _UNSUPPORTED.get(variant.name, ())]
    _check_answers(operation, chosen, requests)
    path, mutates = folder / f"{operation}.txt", operation == "reviewCards"
    write(requests, path)
    if not mutates:
        # Time would not fill the cache on a busy machine.
        for request in requests:
            _ask(next(variant for variant in chosen if variant.name == "warm"), operation, request)
    runs: dict[str, list[Measured]] = {variant.name: [] for variant in chosen}
    for number in range(ROUNDS):
        for variant in chosen:
            address, pid = variant.address(operation), variant.pid
            # Until code is compiled, and statements are prepared on all connections.
            measure(address, pid, path, mutates=mutates, seconds=WARM_UP_SECONDS if number == 0 else 1)
            runs[variant.name].append(measure(address, pid, path, mutates=mutates, seconds=SECONDS))
    found: dict[str, Any] = {name: _medians(of_name) for name, of_name in runs.items()}
    cpu = {name: one["cpuMicroseconds"] for name, one in found.items()}
    found["ratios"] = {
        f"{of}To{to[0].upper()}{to[1:]}": round(one / other, 3)
        for of, to in _RATIOS
        if (one := cpu.get(of)) is not None and (other := cpu.get(to)) is not None
    }
    print(operation, json.dumps(cpu), json.dumps(found["ratios"]), file=sys.stderr)
    return found


def _medians(runs: list[Measured]) -> dict[str, float | None]:
    cpu = [run.cpu_microseconds for run in runs if run.cpu_microseconds is not None]
    return {
        "requestsPerSecond": round(statistics.median(run.requests_per_second for run in runs), 2),
        "p50Ms": round(statistics.median(run.p50_ms for run in runs), 2),
        "p99Ms": round(statistics.median(run.p99_ms for run in runs), 2),
        "cpuMicroseconds": round(statistics.median(cpu), 2) if cpu else None,
    }


def _check_answers(operation: str, variants: list[Variant], requests: list[Request]) -> None:
    """All servers return the same data. What a mutation returns depends on those before it."""
    for request in requests[:_CHECKED_ANSWERS]:
        answers = {one.name: _ask(one, operation, request) for one in variants if one.name != "bare"}
        if operation != "reviewCards":
            for name, answer in answers.items():
                assert answer == answers["shinjp"], f"{operation}: {name} answers otherwise: {answer}"


def _answers(variant: Variant, requests: dict[str, list[Request]]) -> list[tuple[str, str, Any]]:
    """Tokens, bodies and responses of the queries."""
    queries = {name: of_name for name, of_name in requests.items() if name not in _UNSUPPORTED["constantBytes"]}
    distinct = {(name, request) for name, of_name in queries.items() for request in of_name}
    return [(one.token, one.body, {"data": _ask(variant, name, one)}) for name, one in distinct]


def _ask(variant: Variant, operation: str, request: Request) -> Any:
    body = request.body.replace("REVIEW", uuid4().hex)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {request.token}"}
    asked = urllib.request.Request(variant.address(operation), body.encode(), headers)
    with urllib.request.urlopen(asked) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


if __name__ == "__main__":
    main()
