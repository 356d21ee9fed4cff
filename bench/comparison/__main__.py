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
from bench.harness import UNLIMITED, database_url, headers, report, served, started, token
from bench.load import load

ROUNDS, SECONDS, CONNECTIONS = 3, 3, 16
# The review batches of one learner are serialised.
CONNECTIONS_FOR = {"reviewCards": 1}
# Servers that support all operations.
_GENERAL = ("shinjp", "plainStrawberry", "warm")
TICKS = os.sysconf("SC_CLK_TCK")

# Each request of a mutation has new idempotency keys.
SCRIPT = """
local body = [==[{body}]==]
local number, run = 0, "{run}"
if body:find("REVIEW") then
    request = function()
        number = number + 1
        return wrk.format(nil, nil, nil, (body:gsub("REVIEW", run .. number)))
    end
else
    wrk.body = body
end
"""


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
        runs: dict[str, list[dict[str, float]]] = {variant.name: [] for variant in chosen}
        for number in range(ROUNDS):
            for variant in chosen:
                runs[variant.name].append(_load(variant, operation, bodies[operation], subjects.learner, number))
        found = {
            name: {key: round(statistics.median(run[key] for run in of_name), 2) for key in of_name[0]}
            | {"statements": answers[name][1]}
            for name, of_name in runs.items()
        }
        cpu = {name: one["cpuMicroseconds"] for name, one in found.items()}
        ratios = {
            f"{of}To{to[0].upper()}{to[1:]}": round(cpu[of] / cpu[to], 3)
            for of, to in (("shinjp", "plainStrawberry"), ("shinjp", "byHand"), ("constantBytes", "warm"))
            if to in cpu and of in cpu
        }
        measured[operation] = found | {"ratios": ratios}
        print(operation, json.dumps(ratios), file=sys.stderr)
    return measured


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


def _load(variant: Variant, operation: str, body: str, learner: str, number: int) -> dict[str, float]:
    run = f"{variant.name}-{operation}-{number}-{time.time_ns()}-"
    script = SCRIPT.replace("{body}", body).replace("{run}", run)
    connections = CONNECTIONS_FOR.get(operation, CONNECTIONS)
    loaded = partial(load, variant.address(operation), script, token=token(learner), connections=connections)
    loaded(seconds=1)
    before = _cpu_seconds(variant.pid)
    found = loaded(seconds=SECONDS)
    return {
        "requestsPerSecond": found.requests_per_second,
        "p50Ms": found.p50_ms,
        "p99Ms": found.p99_ms,
        "cpuMicroseconds": (_cpu_seconds(variant.pid) - before) / found.requests * 1_000_000,
    }


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
