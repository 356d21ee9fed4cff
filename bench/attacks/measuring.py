"""Measures the effect of an attack on a healthy client and on the server's memory."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.attacks import Target
from bench.attacks.attacking import Attack
from bench.harness import ROOT, resident_kib

MAX_EXTRA_MS = 250.0
WARM_UP_SECONDS, BEFORE_SECONDS, AFTERWARDS_SECONDS = 3.0, 7.0, 3.0
_SAMPLING_SECONDS = 0.02


@dataclass(frozen=True)
class Waits:
    """The waiting times of the healthy client on both of its connections, in milliseconds."""

    p50: float
    worst: float
    answered: int
    failed: list[str]

    @classmethod
    def between(cls, samples: list[dict[str, Any]], start: float, end: float) -> "Waits":
        chosen = [sample for sample in samples if start <= sample["at"] < end]
        waited = [sample["milliseconds"] for sample in chosen]
        failed = [sample["error"] for sample in chosen if sample["error"]]
        return cls(round(statistics.median(waited), 1), round(max(waited), 1), len(waited) - len(failed), failed)


@dataclass
class Memory:
    """Resident MiB of the server's processes, sampled repeatedly: the kernel's own record of the peak
    includes the start.
    """

    pids: tuple[int, ...]
    before: float = 0.0
    peak: float = 0.0
    after: float = 0.0
    _done: threading.Event = field(default_factory=threading.Event, repr=False)

    def now(self) -> float:
        return round(sum(map(resident_kib, self.pids)) / 1024, 1)

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.before = self.peak = self.now()
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
            self.after = self.now()
        finally:
            self._done.set()
            thread.join()

    def _watch(self) -> None:
        with contextlib.suppress(OSError, IndexError):  # The server has exited, which the healthy client reports.
            while not self._done.wait(_SAMPLING_SECONDS):
                self.peak = max(self.peak, self.now())


@dataclass(frozen=True)
class Result:
    """The result of one attack. `wrong`: the reasons for which it succeeded."""

    attack: Attack
    seconds: float
    before: Waits
    during: Waits
    memory: Memory
    got: str
    wrong: list[str]

    @property
    def extra_ms(self) -> float:
        return round(self.during.worst - self.before.worst, 1)

    def as_json(self) -> dict[str, Any]:
        memory = {"before": self.memory.before, "peak": self.memory.peak, "after": self.memory.after}
        return {
            "seconds": self.seconds,
            "healthyClientMs": {"before": _shortened(self.before), "during": _shortened(self.during)},
            "extraMs": self.extra_ms,
            "memoryMib": memory | {"growthAllowed": self.attack.mebibytes},
            "attackerGot": self.got,
            "wrong": self.wrong,
        }


def measure(attack: Attack, target: Target, data_dir: str, healthy_token: str) -> Result:
    """Measures the healthy client before and during the attack, and for some seconds afterwards."""
    memory = Memory(target.pids)
    with _healthy_client(target, healthy_token) as samples:
        time.sleep(WARM_UP_SECONDS)
        measured_from = time.monotonic()
        time.sleep(BEFORE_SECONDS)
        with memory.watched():
            began_at = time.monotonic()
            got, as_it_should_be = attack.run(target, data_dir)
            seconds = round(time.monotonic() - began_at, 1)
            time.sleep(AFTERWARDS_SECONDS)
            ended_at = time.monotonic()
    before = Waits.between(samples, measured_from, began_at)
    during = Waits.between(samples, began_at, ended_at)
    result = Result(attack, seconds, before, during, memory, got, [])
    if not as_it_should_be:
        result.wrong.append(f"the attack: {got}")
    if result.extra_ms > MAX_EXTRA_MS:
        result.wrong.append(f"the healthy client waited {result.extra_ms:g} ms longer; {MAX_EXTRA_MS:g} are allowed")
    if during.failed:
        result.wrong.append(f"the healthy client had no answer {len(during.failed)} times: {during.failed[0]}")
    if (growth := round(memory.peak - memory.before, 1)) > attack.mebibytes:
        result.wrong.append(f"the server grew by {growth:g} MiB; {attack.mebibytes:g} are allowed")
    return result


@contextmanager
def _healthy_client(target: Target, token: str) -> Iterator[list[dict[str, Any]]]:
    """Yields a list that has the samples when the context exits."""
    command = [sys.executable, "-m", "bench.healthy_client", target.host, str(target.port), token]
    samples: list[dict[str, Any]] = []
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, cwd=ROOT, env=os.environ)
        try:
            yield samples
            process.communicate(timeout=150)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        samples += map(json.loads, output)


def _shortened(waits: Waits) -> dict[str, Any]:
    return asdict(waits) | {"failed": waits.failed[:3], "failures": len(waits.failed)}
