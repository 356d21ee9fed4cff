"""Resolves requirements.lock with wheels only, for every supported Python and platform: `make wheels`.

This ensures that installation needs no compiler. Nothing is installed. Exit status 1 if a package has no wheel.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Some packages have no wheels for it yet: they are printed, without failing.
NEXT_PYTHON = "3.15"
PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin")
_REFUSED = re.compile(r"Because (\S+?)==\S+ has no (?:usable )?wheels")


def resolve(lock: str, python: str, platform: str) -> str:
    """uv's error if it cannot resolve the lock with wheels only, otherwise an empty string."""
    command = ["pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-header", "--no-annotate"]
    target = ["--python-version", python, "--python-platform", platform]
    resolved = subprocess.run([UV, *command, *target, "-"], input=lock, capture_output=True, text=True, cwd=ROOT)
    return "" if resolved.returncode == 0 else resolved.stderr


def without(lock: str, package: str) -> str:
    """The lock without this package's requirement and its hashes."""
    kept, skips = [], False
    for line in lock.splitlines(keepends=True):
        if not line[0].isspace():
            skips = re.split(r"[=\[ ]", line)[0] == package
        if not skips:
            kept.append(line)
    return "".join(kept)


def packages_without_wheels(python: str, platform: str) -> list[str]:
    """uv names the first such package only, so it runs again without it."""
    lock, missing = LOCK.read_text(), []
    while refusal := resolve(lock, python, platform):
        found = _REFUSED.search(refusal)
        if found is None:
            raise SystemExit(f"uv failed for another reason:\n{refusal}")
        missing.append(found[1])
        lock = without(lock, found[1])
    return missing


def main() -> int:
    complete = True
    targets = list(product((*PYTHONS, NEXT_PYTHON), PLATFORMS))
    with ThreadPoolExecutor(len(PLATFORMS)) as pool:
        for (python, platform), missing in zip(
            targets, pool.map(packages_without_wheels, *zip(*targets, strict=True)), strict=True
        ):
            found = f"no wheel of {', '.join(missing)}" if missing else "wheels only"
            print(f"Python {python}  {platform:25}  {found}")
            complete = complete and (python == NEXT_PYTHON or not missing)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
