"""A plugin: if CI=true, a skip fails unless its reason is in `.ci/allowed-skips`."""

import os
from collections.abc import Generator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ALLOWED = Path(__file__).parent.parent / ".ci" / "allowed-skips"


def is_allowed(reason: str) -> bool:
    patterns = (line.strip() for line in ALLOWED.read_text().splitlines())
    return any(fnmatchcase(reason, pattern) for pattern in patterns if pattern and not pattern.startswith("#"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The skip of a whole module."""
    report = yield
    _fail_skip(report)
    return report


def _fail_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    # Expected failures are reported as skipped, too.
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    assert isinstance(report.longrepr, tuple)
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not is_allowed(reason):
        report.outcome = "failed"
        report.longrepr = f"Skipped for a reason that .ci/allowed-skips does not have: {reason}"
