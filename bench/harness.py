"""Helpers for all benchmarks: the measured server, and the printed result."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any, cast

import httpx
from annotated_types import Le

from domain.rate_limits import RATE_LIMITS
from server.auth.development_tokens import issue_token
from server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SHINJP = Path(sys.executable).parent / "shinjp"
# Longer than the shutdown time-out of a server.
_STOP_SECONDS = 60


def _highest(setting: str) -> int:
    """The maximum of the setting."""
    bounds = [cast("int", bound.le) for bound in Settings.model_fields[setting].metadata if isinstance(bound, Le)]
    return min([10**9, *bounds])


# Benchmarks exceed the rate limits of learners.
UNLIMITED = {limit.setting.upper(): str(_highest(limit.setting)) for limit in RATE_LIMITS}
UNLIMITED["COST_PLANS"] = "anonymous=1000000000/1000000"
UNLIMITED["TEXTBOOK_CHAPTER_SECONDS"] = "0"


@dataclass(frozen=True)
class Served:
    """A ready server. `url`: of its endpoint."""

    url: str
    pid: int

    def resident_kib(self) -> int:
        return resident_kib(self.pid)


def resident_kib(pid: int) -> int:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@contextmanager
def served(*arguments: str, **settings: str) -> Iterator[Served]:
    """Starts `shinjp serve` on any free port."""
    # Log lines of requests would be measured, too.
    environment = {"LOG_LEVEL": "warning", **UNLIMITED} | settings
    with started([str(SHINJP), "serve", "--port", "0", *arguments], environment) as process:
        yield process


@contextmanager
def started(command: list[str], settings: dict[str, str], log: IO[str] | None = None) -> Iterator[Served]:
    """Starts a server that prints its URL. `log`: the file for its standard error, if not inherited."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | settings)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready "):
                # Later output must not fill the pipe.
                Thread(target=process.stdout.read, daemon=True).start()
                yield Served(line.removeprefix("ready ").strip(), process.pid)
                return
        raise RuntimeError(f"the server ended with {process.wait()} before it was ready")
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server without a worker."""
    with served("--no-worker") as process:
        yield process.url


def token(subject: str) -> str:
    return issue_token(Settings.load(), subject)


def headers(subject: str) -> dict[str, str]:
    """Headers that authenticate the subject, and request statement statistics."""
    return {"Authorization": f"Bearer {token(subject)}", "X-Debug-Stats": "1"}


def database_url() -> str:
    """The database of the running server, as the owner of the tables."""
    return subprocess.check_output([SHINJP, "env"], text=True).splitlines()[0].removeprefix("DATABASE_URL=")


def summary(durations_ms: list[float]) -> dict[str, float]:
    return {
        "medianMs": round(statistics.median(durations_ms), 2),
        "p99Ms": round(statistics.quantiles(durations_ms, n=100)[98], 2),
    }


def report(**measured: Any) -> None:
    """Prints the result as JSON with the git revision."""
    print(json.dumps({"revision": revision(), **measured}, indent=2, ensure_ascii=False))


def revision(checkout: Path = ROOT) -> str:
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.check_output(command, cwd=checkout, text=True).strip()


async def post(client: httpx.AsyncClient, url: str, query: str, variables: dict[str, Any] | None = None) -> Any:
    """Return the body of the response. Raises RuntimeError if it has errors."""
    body = (await client.post(url, json={"query": query, "variables": variables or {}})).json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    return body
