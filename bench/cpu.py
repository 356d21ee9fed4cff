"""CPU time of a server for a request, under load from wrk."""

import time
from dataclasses import dataclass
from uuid import uuid4

from bench.load import load

CONNECTIONS = 16
# A learner's batches of reviews wait for each other.
CONNECTIONS_FOR = {"reviewCards": 1}
# A server that answers nothing in this time is measured for twice as long, this many times.
_REPETITIONS = 4

# Each request of a mutation has idempotency keys of its own.
_SCRIPT = """
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
class Measured:
    """`cpu_microseconds`: for a request, in all threads of the server; None if no request was answered."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_microseconds: float | None


def measure(url: str, pid: int, operation: str, body: str, *, token: str, seconds: int) -> Measured:
    """Load the server with an operation of `bench.comparison.operations`."""
    connections = CONNECTIONS_FOR.get(operation, CONNECTIONS)
    script = _SCRIPT.replace("{body}", body).replace("{run}", f"{uuid4()}-")
    for repetition in range(_REPETITIONS):
        before = cpu_seconds(pid)
        found = load(url, script, token=token, seconds=seconds << repetition, connections=connections)
        if found.requests:
            cpu = (cpu_seconds(pid) - before) / found.requests * 1_000_000
            return Measured(found.requests_per_second, found.p50_ms, found.p99_ms, cpu)
    return Measured(0.0, 0.0, 0.0, None)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with its threads, in nanoseconds' resolution, which /proc/<pid>/stat does not have."""
    # The clock of another process: Linux's MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    return time.clock_gettime(~pid << 3 | 2)
