"""Requests per second, latency and CPU per request of five servers in turn: (a) this one without its cache, (b) the
same schema with graphql-core and Strawberry's view, (c) a handler written for the one query, (d) this one with a warm
cache, (e) one that returns constant bytes.

    make bench        after `make seed ARGS="--learners 10000 --cards 1000000 --reviews 10000000
                      --reading-progress 200000 --books 5000 --textbooks 500"`

Each server is one process on one core; PostgreSQL and wrk have the others. Compare the CPU time per request, because
requests per second also depend on PostgreSQL. Prints JSON; `ratios` are of CPU time: (a) to (b) and to (c), and (e) to
(d), the share of the constant bytes' speed that the cache reaches.
"""

import asyncio
import json
import os
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bench.comparison.operations import QUERIES, Subjects, prepare
from bench.cpu import CONNECTIONS, Measured, measure
from bench.harness import UNLIMITED, database_url, headers, report, served, started, token

ROUNDS, SECONDS = 3, 3
# Servers that support all operations.
_GENERAL = ("shinjp", "plainStrawberry", "warm")


@dataclass(frozen=True)
class Variant:
    """A server to measure."""

    name: str
    url: str
    pid: int

    def address(self, operation: str) -> str:
        return f"{self.url}/{operation}" if self.name == "byHand" else self.url


def main() -> None:
    with ExitStack() as stack:
        own, warm = (
            stack.enter_context(served("--no-worker", LOG_LEVEL="info", LOG_FORMAT="json", CACHE=cache))
            for cache in ("off", "on")
        )
        subjects = asyncio.run(prepare(database_url()))
        answers = stack.enter_context(NamedTemporaryFile("w", suffix=".json"))
        uncached = Variant("shinjp", own.url, own.pid)
        json.dump(_answers(uncached, subjects), answers)
        answers.flush()
        os.environ |= {"BENCH_LEARNER": str(subjects.learner_id), "BENCH_ANSWERS": answers.name}
        variants = [
            uncached,
            stack.enter_context(_served("plainStrawberry", "plain_strawberry", "/graphql")),
            stack.enter_context(_served("byHand", "by_hand", "")),
            Variant("warm", warm.url, warm.pid),
            stack.enter_context(_served("constantBytes", "constant_bytes", "/graphql")),
        ]
        _pin(variants)
        report(seconds=SECONDS, rounds=ROUNDS, connections=CONNECTIONS, operations=_measure(variants, subjects))


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
        os.sched_setaffinity(variant.pid, {first})


def _processes(name: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _measure(variants: list[Variant], subjects: Subjects) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    bodies = subjects.bodies()
    for operation in QUERIES:
        chosen = [variant for variant in variants if operation != "reviewCards" or variant.name in _GENERAL]
        answers = {variant.name: _ask(variant, operation, bodies[operation], subjects.learner) for variant in chosen}
        if operation != "reviewCards":
            for name, (answer, _) in answers.items():
                assert answer == answers["shinjp"][0], f"{operation}: {name} answers otherwise"
        runs: dict[str, list[Measured]] = {variant.name: [] for variant in chosen}
        for _ in range(ROUNDS):
            for variant in chosen:
                runs[variant.name].append(_load(variant, operation, bodies[operation], subjects.learner))
        found = {name: _medians(of_name) | {"statements": answers[name][1]} for name, of_name in runs.items()}
        cpu = {name: one["cpuMicroseconds"] for name, one in found.items()}
        ratios = {
            f"{of}To{to[0].upper()}{to[1:]}": round(one / other, 3)
            for of, to in (("shinjp", "plainStrawberry"), ("shinjp", "byHand"), ("constantBytes", "warm"))
            if (one := cpu.get(of)) is not None and (other := cpu.get(to)) is not None
        }
        measured[operation] = found | {"ratios": ratios}
        print(operation, json.dumps(ratios), file=sys.stderr)
    return measured


def _medians(runs: list[Measured]) -> dict[str, float | None]:
    cpu = [run.cpu_microseconds for run in runs if run.cpu_microseconds is not None]
    return {
        "requestsPerSecond": round(statistics.median(run.requests_per_second for run in runs), 2),
        "p50Ms": round(statistics.median(run.p50_ms for run in runs), 2),
        "p99Ms": round(statistics.median(run.p99_ms for run in runs), 2),
        "cpuMicroseconds": round(statistics.median(cpu), 2) if cpu else None,
    }


def _answers(variant: Variant, subjects: Subjects) -> list[tuple[str, Any]]:
    """The queries, their variables and their responses."""
    bodies = subjects.bodies()
    del bodies["reviewCards"]
    return [(body, {"data": _ask(variant, name, body, subjects.learner)[0]}) for name, body in bodies.items()]


def _ask(variant: Variant, operation: str, body: str, learner: str) -> tuple[Any, int]:
    """The data and the number of statements."""
    body = body.replace("REVIEW", f"first-{variant.name}-{time.time_ns()}")
    sent = {"Content-Type": "application/json"} | headers(learner)
    request = urllib.request.Request(variant.address(operation), body.encode(), sent)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    statistics = answer.get("extensions", {}).get("stats", {})
    return answer["data"], statistics.get("sqlStatements", 1 if variant.name == "byHand" else 0)


def _load(variant: Variant, operation: str, body: str, learner: str) -> Measured:
    measured = partial(measure, variant.address(operation), variant.pid, operation, body, token=token(learner))
    measured(seconds=1)
    return measured(seconds=SECONDS)


if __name__ == "__main__":
    main()
