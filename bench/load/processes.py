"""Processor time and memory of the processes of a run, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> Iterator[int]:
    """The process and all processes below it that exist."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from descendants(int(child))


def cpu_seconds(pid: int) -> float:
    """Of the process, of those below it, and of those that have ended and were below it."""
    return sum(_times(member) for member in descendants(pid))


def _times(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime and cstime.
    return sum(map(int, fields[11:15])) / _TICKS


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def serving(pid: int) -> list[int]:
    """The processes of `shinjp serve` that serve: its own, or those that its supervisor has spawned."""
    spawned = [member for member in descendants(pid) if "spawn_main" in command_line(member)]
    return spawned or [pid]


def workers(pid: int) -> list[int]:
    return [member for member in descendants(pid) if " worker" in command_line(member)]


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])


def valkey(sockets: Path) -> int:
    """Raises LookupError if there is none."""
    for path in Path("/proc").glob("[0-9]*"):
        if str(sockets / "valkey.sock") in (command := command_line(int(path.name))) and "valkey" in command:
            return int(path.name)
    raise LookupError(f"no Valkey listens in {sockets}")


def machine() -> dict[str, object]:
    """What results depend on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memoryGib": round(memory / 2**30, 1),
        "kernel": os.uname().release,
    }
