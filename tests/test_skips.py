"""The skips plugin, in runs of pytest on small modules."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ALLOWED = "Only root can become somebody else."
MODULES = {
    "inside a test": 'def test_it():\n    pytest.skip("{reason}")',
    "by a mark": '@pytest.mark.skip(reason="{reason}")\ndef test_it():\n    pass',
    "in a fixture": '@pytest.fixture\ndef it():\n    pytest.skip("{reason}")\ndef test_it(it):\n    pass',
    "a whole module": 'pytest.skip("{reason}", allow_module_level=True)',
    "of a missing module": 'pytest.importorskip("no_such_module", reason="{reason}")',
}
UNKNOWN = "It rains."
EXPECTED_FAILURE = "@pytest.mark.xfail\ndef test_it():\n    assert False"


def run(folder: Path, ci: str) -> tuple[int, str]:
    """The exit status and output of pytest for a module with each kind of skip for both reasons."""
    sources = [source.format(reason=reason) for source in MODULES.values() for reason in (ALLOWED, UNKNOWN)]
    for number, source in enumerate([*sources, EXPECTED_FAILURE]):
        (folder / f"test_{number}.py").write_text(f"import pytest\n{source}\n")
    options = ["-p", "tests.skips", "-p", "no:cacheprovider", "--continue-on-collection-errors", f"--rootdir={folder}"]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", *options]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout


def test_skip_fails_in_ci_unless_its_reason_is_allowed(tmp_path: Path) -> None:
    status, output = run(tmp_path, "true")
    assert status == 1
    assert f"allowed-skips does not have: {UNKNOWN}" in output
    # A failed skip in a fixture is an error.
    assert "1 failed, 5 skipped, 1 xfailed, 4 errors" in output


def test_skip_passes_outside_ci(tmp_path: Path) -> None:
    status, output = run(tmp_path, "")
    assert "10 skipped, 1 xfailed" in output
    assert status == 0
