"""Measures the effect of each attack on a healthy client and on the server's memory.

    make attack                              all of them, on this checkout's server
    make attack ATTACKS=cost,large_response  some
    make attack SERVER=../before             on another checkout's server, which has its own .venv

Each server is `shinjp serve --no-worker` with its default settings, on databases with the content only. The attack and
the healthy client (`bench/healthy_client.py`) are separate processes. An attack ends by itself or after its
SECONDS_AT_MOST (60). Fails if the healthy client waited 250 ms longer than before the attack or got no response, if the
server grew by more than the attack's MAX_GROWTH_MIB (128), or if the attack raised an error other than a refused or
closed connection. Prints JSON, and a table on standard error.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.attacks import Target
from bench.attacks.attacking import Attack, attacks
from bench.attacks.measuring import Result, measure
from bench.harness import ROOT, report, revision, started
from server.auth.development_tokens import issue_token
from server.settings import Settings

ATTACKER, HEALTHY, EDITOR = "demo", "healthy", "editor"
_LOG_LINES = 15


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="shinjp-attacks-") as directory:
        prepared = Path(directory) / "prepared"
        with _serving(arguments.server, prepared):
            pass
        # The whole dictionary is not loaded: it would take CPU from both clients.
        results = [_measured(attack, arguments.server, prepared) for attack in arguments.attacks]
    print(_table(results), file=sys.stderr)
    report(
        server=revision(arguments.server),
        machine={"processors": os.cpu_count(), "load": os.getloadavg()[0], "kernel": platform.release()},
        attacks={result.attack.module: result.as_json() for result in results},
    )
    sys.exit(any(result.wrong for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.attacks")
    parser.add_argument("attacks", nargs="?", default="", help="names, separated by commas; default: all")
    parser.add_argument("--server", type=Path, default=ROOT, help="another checkout")
    arguments = parser.parse_args()
    try:
        arguments.attacks = attacks([name for name in arguments.attacks.split(",") if name])
    except ValueError as error:
        parser.error(str(error))
    return arguments


def _measured(attack: Attack, checkout: Path, prepared: Path) -> Result:
    data_dir = prepared.with_name(attack.module)
    # PostgreSQL runs as another user if this one is root.
    subprocess.run(["cp", "-a", prepared, data_dir], check=True)
    print(f"{attack.module} …", file=sys.stderr)
    try:
        with _serving(checkout, data_dir, "--no-migrate") as target:
            settings = Settings.load(data_dir=data_dir)
            result = measure(attack, target, str(data_dir), issue_token(settings, HEALTHY))
        if result.wrong:
            print(*_log(data_dir), "", *result.wrong, sep="\n", file=sys.stderr)
        return result
    except RuntimeError:
        print(*_log(data_dir), sep="\n", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(data_dir)


@contextmanager
def _serving(checkout: Path, data_dir: Path, *options: str) -> Iterator[Target]:
    """Starts the server, which logs to `server.log` next to the data directory."""
    data_dir.mkdir(exist_ok=True)
    command = [str(checkout.resolve() / ".venv/bin/shinjp"), "serve", "--no-worker", "--port", "0", *options]
    with _log_path(data_dir).open("w") as log, started(command, {"SHINJP_DATA_DIR": str(data_dir)}, log) as served:
        address, settings = urlsplit(served.url), Settings.load(data_dir=data_dir)
        assert address.hostname is not None
        assert address.port is not None
        tokens = (issue_token(settings, subject) for subject in (ATTACKER, EDITOR))
        yield Target(address.hostname, address.port, (served.pid,), *tokens)


def _log_path(data_dir: Path) -> Path:
    return data_dir / "server.log"


def _log(data_dir: Path) -> list[str]:
    """The last log lines that are not about single requests."""
    lines = _log_path(data_dir).read_text(errors="replace").splitlines()
    return [line for line in lines if "[info " not in line][-_LOG_LINES:]


def _table(results: list[Result]) -> str:
    titles = ("attack", "seconds", "p50 ms", "worst ms", "MiB before, peak, after")
    lines = ["{:<18} {:>7}  {:>15}  {:>17}  {:>26}  attacker got".format(*titles)]
    for result in results:
        before, during, memory = result.before, result.during, result.memory
        lines.append(
            f"{result.attack.module:<18} {result.seconds:>7}  {before.p50:>6} → {during.p50:>6}"
            f"  {before.worst:>7} → {during.worst:>7}  {memory.before:>8} {memory.peak:>8} {memory.after:>8}"
            f"  {result.got[:80]}"
        )
        lines += [f"  WRONG: {reason}" for reason in result.wrong]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
