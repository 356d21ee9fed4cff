"""CPU of a request on this checkout's server, compared with the server of another checkout.

    make bench-against SERVER=../before                     all operations of `bench.comparison`
    make bench-against SERVER=../before OPERATIONS=book     some, separated by commas

    python -m bench.against --own ../after --server ../before     a third checkout instead of this one

Other checkouts have a .venv of their own (`make .venv/installed`). Each of the two has a data directory of its own with
the same content and the same seeded data, and two servers, one without cache and one with it; one more server is this
checkout's without counting of results (`bench.uncounted`).

All of them are measured in turn, in many short rounds, so that a machine with other load
changes all of them. It only adds to the CPU of a request: `least` is the ratio of the rounds in which it added least,
and what to trust on a busy machine; `median` is that of the ratios of each round, of which half are between `low` and
`high`. Prints JSON, and a table on standard error.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.client import connected
from bench.comparison.operations import QUERIES, Subjects, prepare
from bench.cpu import cpu_seconds
from bench.harness import ROOT, UNLIMITED, report, revision, started

# Of four learners: a server may limit how many operations of one run concurrently.
ROUNDS, CONNECTIONS, LEARNERS = 100, 16, 4
# A learner's batches of reviews wait for each other.
CONNECTIONS_FOR = {"reviewCards": 1}
# In a round: about as long for each operation, without its cache.
REQUESTS = {"book": 160, "searchVocabulary": 32, "reviewCards": 8}
OTHER_REQUESTS = 64
WARM_UP = 5
SEED = (
    *("--learners=200", "--cards=10000", "--reviews=50000"),
    *("--books=300", "--textbooks=60", "--reading-progress=2000"),
)


@dataclass(frozen=True)
class Server:
    """`subjects`: in its databases. `tokens`: of their learners, signed by its checkout."""

    url: str
    pid: int
    subjects: Subjects
    tokens: list[str]

    async def measure(self, operation: str) -> float:
        """CPU microseconds of a request, in one round, on connections that have served a request before."""
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connected(self.url, self.tokens[number % LEARNERS]))
                for number in range(CONNECTIONS_FOR.get(operation, CONNECTIONS))
            ]
            await asyncio.gather(*(client.post_all(self._bodies(operation, 1)) for client in clients))
            requests = REQUESTS.get(operation, OTHER_REQUESTS)
            bodies = self._bodies(operation, requests)
            before = cpu_seconds(self.pid)
            await asyncio.gather(*(client.post_all(bodies) for client in clients))
            return (cpu_seconds(self.pid) - before) / requests * 1_000_000

    def _bodies(self, operation: str, number: int) -> Iterator[bytes]:
        body = self.subjects.bodies()[operation]
        return iter([body.replace("REVIEW", uuid4().hex).encode() for _ in range(number)])


# Whose CPU is divided by whose.
RATIOS = {
    "cacheOff": ("now", "before"),
    "cacheOn": ("nowCached", "beforeCached"),
    "counting": ("now", "nowUncounted"),
}


def main() -> None:
    arguments = _arguments()
    with ExitStack() as stack:
        data = arguments.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shinjp-against-")))
        servers = stack.enter_context(_servers(arguments.own, arguments.server, data.resolve()))
        measured = asyncio.run(_measure(servers, arguments.operations, arguments.rounds))
    report(own=revision(arguments.own), server=revision(arguments.server), rounds=arguments.rounds, operations=measured)


async def _measure(servers: dict[str, Server], operations: list[str], rounds: int) -> dict[str, Any]:
    return {operation: await _measured(servers, operation, rounds) for operation in operations}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.against")
    parser.add_argument("operations", nargs="?", default="", help="names, separated by commas; default: all")
    parser.add_argument("--server", type=Path, required=True, help="the other checkout")
    parser.add_argument("--own", type=Path, default=ROOT, help="the checkout that is compared; default: this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, help="where to keep the databases for another run")
    arguments = parser.parse_args()
    arguments.operations = [name for name in arguments.operations.split(",") if name] or list(QUERIES)
    unknown = set(arguments.operations) - QUERIES.keys()
    if unknown:
        parser.error(f"no operations: {', '.join(unknown)}; there are {', '.join(QUERIES)}")
    return arguments


@contextmanager
def _servers(own: Path, other: Path, data: Path) -> Iterator[dict[str, Server]]:
    now, before = Checkout(own.resolve(), data / "now"), Checkout(other.resolve(), data / "before")
    for checkout in (now, before):
        checkout.data.mkdir(parents=True, exist_ok=True)
        checkout.run("seed", *SEED)
    uncounted = [str(now.path / ".venv/bin/python"), "-m", "bench.uncounted"]
    with ExitStack() as stack:
        servers = {
            "now": stack.enter_context(now.serving(now.shinjp, CACHE="off")),
            "before": stack.enter_context(before.serving(before.shinjp, CACHE="off")),
            "nowCached": stack.enter_context(now.serving(now.shinjp, CACHE="on")),
            "beforeCached": stack.enter_context(before.serving(before.shinjp, CACHE="on")),
        }
        if now.path == ROOT:
            servers["nowUncounted"] = stack.enter_context(now.serving(uncounted, CACHE="off"))
        yield servers


@dataclass(frozen=True)
class Checkout:
    """`data`: the directory of its databases."""

    path: Path
    data: Path

    @property
    def shinjp(self) -> list[str]:
        return [str(self.path / ".venv/bin/shinjp")]

    def run(self, *arguments: str) -> str:
        """What a command prints."""
        environment = os.environ | {"SHINJP_DATA_DIR": str(self.data)}
        return subprocess.check_output([*self.shinjp, *arguments], env=environment, text=True)

    def _settings(self) -> list[str]:
        code = "from server.settings import Settings; print(*Settings.model_fields)"
        command = [str(self.path / ".venv/bin/python"), "-c", code]
        return str(subprocess.check_output(command, cwd=self.path, text=True)).split()

    @contextmanager
    def serving(self, shinjp: list[str], **settings: str) -> Iterator[Server]:
        """Without rate limits, as far as the checkout has them. It logs to `server.log` next to its databases."""
        command = [*shinjp, "serve", "--no-worker", "--port", "0"]
        known = self._settings()
        settings |= {name: value for name, value in UNLIMITED.items() if name.lower() in known}
        settings |= {"LOG_LEVEL": "info", "LOG_FORMAT": "json", "SHINJP_DATA_DIR": str(self.data)}
        with (self.data / "server.log").open("a") as log, started(command, settings, log) as served:
            database_url = self.run("env").splitlines()[0].removeprefix("DATABASE_URL=")
            subjects = asyncio.run(prepare(database_url, LEARNERS))
            tokens = [self.run("token", "--subject", learner).strip() for learner in subjects.learners]
            yield Server(served.url, served.pid, subjects, tokens)


async def _measured(servers: dict[str, Server], operation: str, rounds: int) -> dict[str, Any]:
    """The first rounds warm up."""
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(WARM_UP + rounds):
        for name, server in servers.items():
            found = await server.measure(operation)
            if number >= WARM_UP:
                cpu[name].append(found)
    ratios = {name: _ratio(cpu[of], cpu[to]) for name, (of, to) in RATIOS.items() if to in cpu}
    shown = ("{least:.3f}, median {median:.3f} ({low:.3f} to {high:.3f})".format(**ratio) for ratio in ratios.values())
    print(f"{operation:<22}", *(f"{name} {ratio}" for name, ratio in zip(ratios, shown, strict=True)), file=sys.stderr)
    return {"cpuMicroseconds": {name: round(_least(found), 1) for name, found in cpu.items()}, "ratios": ratios}


def _ratio(of: list[float], to: list[float]) -> dict[str, float]:
    # The clock of a process that runs on another processor may be late: a short round takes nothing.
    pairs = [(one, other) for one, other in zip(of, to, strict=True) if one and other]
    low, median, high = statistics.quantiles((one / other for one, other in pairs), n=4)
    of, to = map(list, zip(*pairs, strict=True))
    found = {"least": _least(of) / _least(to), "median": median, "low": low, "high": high}
    return {name: round(ratio, 3) for name, ratio in found.items()}


def _least(found: list[float]) -> float:
    """Of the tenth of the rounds that took least: a single one may have been lucky."""
    return statistics.mean(sorted(found)[: max(1, len(found) // 10)])


if __name__ == "__main__":
    main()
