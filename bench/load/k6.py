"""Runs k6, which sends the mix, and reads what it measured."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.load import FOLDER

HOW_TO_GET = "k6 is needed on the PATH: https://grafana.com/docs/k6/latest/set-up/install-k6/"
# 20 clients, so that limits per address do not apply.
ADDRESSES = "127.0.2.1-127.0.2.20"
KINDS = ("public", "personal", "review", "search", "stream", "file")


@dataclass(frozen=True)
class Phase:
    """A constant rate of requests per second."""

    rate: int
    seconds: int


@dataclass(frozen=True)
class Sent:
    """What k6 measured in a phase. `rejected`: 503; `limited`: 429; `failed`: other errors; `dropped`: not sent,
    because k6 had no connection left. `parts`: the same of each part of the phase.
    """

    rate: int
    seconds: int
    responses: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    rejected: int
    limited: int
    failed: int
    dropped: int
    kinds: dict[str, dict[str, float]]
    parts: list[dict[str, float]]

    @property
    def good(self) -> int:
        return self.responses - self.rejected - self.limited - self.failed

    @property
    def is_complete(self) -> bool:
        return self.rejected + self.limited + self.failed + self.dropped == 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"goodput": round(self.good / self.seconds, 1)}


def check() -> None:
    if shutil.which("k6") is None:
        sys.exit(HOW_TO_GET)


class K6:
    """The load generator. `pid`: of the running process, for its processor time."""

    def __init__(self, url: str, population: Path) -> None:
        self._settings = {"URL": url, "POPULATION": str(population)}
        self.pid: int | None = None

    async def run(self, *phases: Phase, bucket: int = 10) -> list[Sent]:
        """Raises RuntimeError if k6 fails."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "summary.json")
            settings = self._settings | {
                "PHASES": json.dumps([asdict(phase) for phase in phases]),
                "BUCKET": str(bucket),
                "OUT": str(out),
                "K6_NO_USAGE_REPORT": "true",
            }
            process = await asyncio.create_subprocess_exec(
                *(
                    "k6",
                    "run",
                    "--quiet",
                    "--no-color",
                    "--local-ips",
                    ADDRESSES,
                    "--address",
                    "",
                    str(FOLDER / "mix.js"),
                ),
                env=os.environ | settings,
                stdout=asyncio.subprocess.DEVNULL,
            )
            self.pid = process.pid
            try:
                status = await process.wait()
            finally:
                self.pid = None
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
            metrics = _read_summary(out, status)
        return [_sent(metrics, number, phase, bucket) for number, phase in enumerate(phases)]


def _read_summary(out: Path, status: int) -> dict[str, Any]:
    if not out.exists():
        raise RuntimeError(f"k6 ended with {status}")
    metrics: dict[str, Any] = json.loads(out.read_text())
    return metrics


def _sent(metrics: dict[str, Any], number: int, phase: Phase, bucket: int) -> Sent:
    scenario = f"scenario:phase{number}"

    def counted(name: str, *more: str) -> int:
        return int(metrics.get(f"{name}{{{','.join((scenario, *more))}}}", {}).get("count", 0))

    def timed(*more: str) -> dict[str, float]:
        values = metrics.get(f"http_req_duration{{{','.join((scenario, *more))}}}", {})
        return {
            "count": int(values.get("count", 0)),
            **{
                name: round(values.get(key, 0), 1)
                for name, key in (("p50", "med"), ("p95", "p(95)"), ("p99", "p(99)"), ("max", "max"))
            },
        }

    found = timed()
    parts = [
        {"at": at, **timed(f"bucket:{index}"), "rejected": counted("rejected", f"bucket:{index}")}
        for index, at in enumerate(range(0, phase.seconds, bucket))
    ]
    return Sent(
        rate=phase.rate,
        seconds=phase.seconds,
        responses=int(found["count"]),
        p50_ms=found["p50"],
        p95_ms=found["p95"],
        p99_ms=found["p99"],
        max_ms=found["max"],
        rejected=counted("rejected"),
        limited=counted("limited"),
        failed=counted("failed"),
        dropped=counted("dropped_iterations"),
        kinds={kind: timed(f"kind:{kind}") for kind in KINDS},
        parts=parts,
    )
