"""CPU time of a server for a request, under load from wrk."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.wrk import load

CONNECTIONS = 32
# A server that answers nothing in this time is measured for twice as long, this many times.
_REPETITIONS = 4

# Requests are built before the load starts, except for the idempotency keys of a mutation, which are its own.
_SCRIPT = """
local requests, number = {}, 0

function init()
    math.randomseed(os.time())
    for line in io.lines("{file}") do
        local token, body = line:match("^(%S+) (.*)$")
        local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token}
        requests[#requests + 1] = wrk.format("POST", nil, headers, (body:gsub("REVIEW", "{run}REVIEW")))
    end
end

function request()
    local chosen = requests[math.random(#requests)]
    number = number + 1
    if {mutates} then chosen = chosen:gsub("REVIEW", string.format("%06d", number)) end
    return chosen
end
"""


@dataclass(frozen=True)
class Measured:
    """`cpu_microseconds`: for a request, in all threads of the server; None if no request was answered."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_microseconds: float | None


def measure(url: str, pid: int, requests: Path, *, mutates: bool, seconds: int) -> Measured:
    """Load the server with requests chosen at random from a file of `bench.comparison.requests`."""
    script = _SCRIPT.replace("{file}", str(requests)).replace("{mutates}", str(mutates).lower())
    script = script.replace("{run}", f"{uuid4().hex}-")
    for repetition in range(_REPETITIONS):
        before = cpu_seconds(pid)
        found = load(url, script, seconds=seconds << repetition, connections=CONNECTIONS)
        if found.requests:
            cpu = (cpu_seconds(pid) - before) / found.requests * 1_000_000
            return Measured(found.requests_per_second, found.p50_ms, found.p99_ms, cpu)
    return Measured(0.0, 0.0, 0.0, None)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with its threads, in nanoseconds' resolution, which /proc/<pid>/stat does not have."""
    # The clock of another process: Linux's MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    return time.clock_gettime(~pid << 3 | 2)
