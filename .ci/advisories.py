"""Looks up the locked packages of Python and npm in advisory databases: `make advisories`.

Needs network access. Exit status: 0, no advisories; 1, there are some, or the allow list is outdated; 2, a database did
not respond for every package.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ROOT / ".ci" / "advisories.toml"
PYTHON_LOCKS = ("requirements.lock", "requirements-production.lock", "requirements-dictionary.lock")
NPM_LOCKS = (
    "server/graphiql",
    "examples/web",
    "examples/web/tools",
    "tests/clients",
    "tests/server/audits",
    "bench/comparison/mercurius",
)
# An exact version, for reproducible results. Not one of the locked tools, because nothing else needs it.
PIP_AUDIT = "pip-audit==2.10.1"
_PIP_AUDIT_OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--requirement")


class Unreachable(Exception):
    """An advisory database did not answer, or not for every package."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """`ids`: one for each database that has the advisory."""

    package: str
    ids: frozenset[str]
    summary: str
    place: str

    def __str__(self) -> str:
        return f"{self.package} ({self.place}): {', '.join(sorted(self.ids))}: {self.summary}"


def advisories_of_pip_audit(report: Mapping[str, Any]) -> list[Advisory]:
    """Raises Unreachable if a package is missing: pip-audit itself reports success then."""
    skipped = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    if skipped:
        raise Unreachable(f"It did not answer for {len(skipped)} packages, such as {skipped[0]}.")
    return [
        Advisory(
            f"{package['name']} {package['version']}",
            frozenset((found["id"], *found.get("aliases", ()))),
            _first_line(found.get("description") or "no description"),
            "Python",
        )
        for package in report["dependencies"]
        for found in package["vulns"]
    ]


def advisories_of_npm(report: Mapping[str, Any], folder: str) -> list[Advisory]:
    """Raises Unreachable if the output is not a report."""
    if "auditReportVersion" not in report:
        raise Unreachable(_first_line(str(report.get("message") or report.get("error") or "It sent no report.")))
    # A package that only depends on a vulnerable one names it by a string.
    found = [via for package in report["vulnerabilities"].values() for via in package["via"] if isinstance(via, dict)]
    return [
        Advisory(via["name"], frozenset((via["url"].rpartition("/")[2], str(via["source"]))), via["title"], folder)
        for via in found
    ]


def judge(
    found: Iterable[Advisory], allowed: Iterable[Mapping[str, Any]], today: date, *, is_complete: bool = True
) -> list[str]:
    """The problems: advisories that are not allowed, and unused entries of the list.

    `is_complete`: every database answered, so that an entry without a found advisory is unused.
    """
    advisories, entries = list(found), list(allowed)
    problems = []
    for entry in entries:
        if not str(entry.get("reason", "")).strip() or not isinstance(entry.get("until"), date):
            problems.append(f"{entry.get('id')} is allowed without a reason, or without a day in `until`.")
        elif entry["until"] < today:
            problems.append(f"{entry['id']} was allowed until {entry['until']}: look at it again.")
        if is_complete and not any(_is_allowed(advisory, [entry]) for advisory in advisories):
            problems.append(f"{entry.get('id')} is allowed and was not found: remove it.")
    return problems + [str(advisory) for advisory in advisories if not _is_allowed(advisory, entries)]


def _is_allowed(advisory: Advisory, entries: Iterable[Mapping[str, Any]]) -> bool:
    name = advisory.package.partition(" ")[0]
    return any(entry.get("id") in advisory.ids and entry.get("package") == name for entry in entries)


def locked_packages() -> list[str]:
    """The packages of both locks, for every platform."""
    text = "".join((ROOT / lock).read_text() for lock in PYTHON_LOCKS)
    return sorted(set(re.findall(r"^[a-z0-9._-]+==[^\s;]+", text, re.MULTILINE)))


def audit_python() -> list[Advisory]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        # Without markers, because pip-audit skips packages of other platforms.
        file.write("\n".join(locked_packages()))
        file.flush()
        command = (Path(sys.executable).with_name("uv"), "tool", "run", PIP_AUDIT, *_PIP_AUDIT_OPTIONS, file.name)
        return advisories_of_pip_audit(_report(command, ROOT))


def audit_npm(folder: str) -> list[Advisory]:
    return advisories_of_npm(_report(("npm", "audit", "--package-lock-only", "--json"), ROOT / folder), folder)


def _report(command: tuple[str | Path, ...], folder: Path) -> Any:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    except FileNotFoundError:
        raise Unreachable(f"{command[0]} is not installed.") from None
    except subprocess.TimeoutExpired:
        raise Unreachable("It took longer than five minutes.") from None
    try:
        return json.loads(ended.stdout)
    except json.JSONDecodeError:
        raise Unreachable(ended.stderr.strip().rpartition("\n")[2] or "It sent no report.") from None


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]


def main() -> int:
    found: list[Advisory] = []
    is_complete = True
    audits = [("Python", audit_python), *((folder, lambda folder=folder: audit_npm(folder)) for folder in NPM_LOCKS)]
    for name, audit in audits:
        try:
            found += audit()
        except Unreachable as error:
            print(f"The database of advisories was not reached for {name}: {error}", file=sys.stderr)
            is_complete = False
    allowed = tomllib.loads(ALLOWED.read_text())["allowed"]
    problems = judge(found, allowed, datetime.now(UTC).date(), is_complete=is_complete)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not is_complete:
        return 2
    if not problems:
        print(f"No advisory for {len(locked_packages())} packages of Python and what {len(NPM_LOCKS)} npm locks have.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
