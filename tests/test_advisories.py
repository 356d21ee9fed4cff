"""`make advisories` reports no advisories only if every database answered for every locked package."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest

from tests.container import ROOT

TODAY = date(2026, 11, 26)


def load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("advisories", ROOT / ".ci" / "advisories.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # Dataclasses look up their module.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "advisories", module)
        specification.loader.exec_module(module)
    return module


advisories = load()

# The formats of pip-audit 2.10 and npm 11.
PIP_AUDIT: dict[str, Any] = {
    "dependencies": [
        {"name": "anyio", "version": "4.16.0", "vulns": []},
        {
            "name": "jinja2",
            "version": "2.4.1",
            "vulns": [
                {
                    "id": "PYSEC-2014-8",
                    "fix_versions": ["2.7.2"],
                    "aliases": ["GHSA-8r7q-cvjq-x353", "CVE-2014-1402"],
                    "description": "The default configuration\nof bccache",
                }
            ],
        },
    ],
    "fixes": [],
}
NPM: dict[str, Any] = {
    "auditReportVersion": 2,
    "vulnerabilities": {
        "minimist": {
            "name": "minimist",
            "via": [
                {
                    "source": 1097678,
                    "name": "minimist",
                    "title": "Prototype Pollution in minimist",
                    "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h",
                }
            ],
        },
        "mkdirp": {"name": "mkdirp", "via": ["minimist"]},
    },
}


def allowed(id: str, package: str, until: date = TODAY, reason: str = "Not reached.") -> dict[str, Any]:
    return {"id": id, "package": package, "reason": reason, "until": until}


def test_advisories_are_reported_by_package_and_place() -> None:
    found = [*advisories.advisories_of_pip_audit(PIP_AUDIT), *advisories.advisories_of_npm(NPM, "tests/clients")]
    python, npm = advisories.judge(found, [], TODAY)
    assert python.startswith("jinja2 2.4.1 (Python): CVE-2014-1402, GHSA-8r7q-cvjq-x353, PYSEC-2014-8: The default")
    assert npm.startswith("minimist (tests/clients): 1097678, GHSA-xvch-5gv4-984h: Prototype Pollution")


@pytest.mark.parametrize("id", ["PYSEC-2014-8", "CVE-2014-1402", "GHSA-8r7q-cvjq-x353"])
def test_advisory_is_allowed_by_any_of_its_ids_for_its_package_only(id: str) -> None:
    found = advisories.advisories_of_pip_audit(PIP_AUDIT)
    assert advisories.judge(found, [allowed(id, "jinja2")], TODAY) == []
    assert len(advisories.judge(found, [allowed(id, "anyio")], TODAY)) == 2


def test_entry_requires_a_reason_a_future_date_and_an_advisory() -> None:
    found = advisories.advisories_of_pip_audit(PIP_AUDIT)
    [problem] = advisories.judge(found, [allowed("CVE-2014-1402", "jinja2", reason=" ")], TODAY)
    assert "without a reason" in problem
    [problem] = advisories.judge(found, [allowed("CVE-2014-1402", "jinja2", TODAY - timedelta(days=1))], TODAY)
    assert "look at it again" in problem
    [problem] = advisories.judge([], [allowed("CVE-2014-1402", "jinja2")], TODAY)
    assert "remove it" in problem
    assert advisories.judge([], [allowed("CVE-2014-1402", "jinja2")], TODAY, is_complete=False) == []


def test_package_without_an_answer_is_an_error() -> None:
    """pip-audit exits with 0 and "No known vulnerabilities found" if its database returns nothing."""
    skipped = {"name": "anyio", "skip_reason": "Dependency not found on PyPI and could not be audited: anyio (4.16.0)"}
    with pytest.raises(advisories.Unreachable, match="1 packages, such as anyio"):
        advisories.advisories_of_pip_audit({"dependencies": [*PIP_AUDIT["dependencies"], skipped]})
    with pytest.raises(advisories.Unreachable, match="405 Method Not Allowed"):
        advisories.advisories_of_npm({"message": "405 Method Not Allowed", "error": {"summary": ""}}, "tests/clients")


def test_unreachable_database_ends_the_command_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def audit_npm(_: str) -> list[Any]:
        raise advisories.Unreachable("405 Method Not Allowed")

    monkeypatch.setattr(advisories, "audit_python", list)
    monkeypatch.setattr(advisories, "audit_npm", audit_npm)
    assert advisories.main() == 2
    said = capsys.readouterr()
    assert "was not reached for server/graphiql: 405 Method Not Allowed" in said.err
    assert said.out == ""
    monkeypatch.setattr(advisories, "audit_npm", lambda _: [])
    assert advisories.main() == 0


def test_every_lock_file_is_audited() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.lock", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True
    )
    locks = {*advisories.PYTHON_LOCKS, *(f"{folder}/package-lock.json" for folder in advisories.NPM_LOCKS)}
    assert set(listed.stdout.split()) == locks
    # Including packages of other platforms, and both of two versions.
    assert {"colorama", "uvloop"} <= {package.partition("==")[0] for package in advisories.locked_packages()}


def test_list_of_allowed_advisories_is_valid() -> None:
    entries = tomllib.loads(advisories.ALLOWED.read_text())["allowed"]
    assert not [entry for entry in entries if not {"id", "package", "reason", "until"} <= set(entry)]


def test_graphiql_has_the_version_of_the_project() -> None:
    """The bill of materials names it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for name in ("package.json", "package-lock.json"):
        assert json.loads((ROOT / "server" / "graphiql" / name).read_text())["version"] == version
