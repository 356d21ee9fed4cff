"""The tables of docs/security.md and docs/configuration.md have every setting, with its default."""

import importlib
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import ErrorCode
from domain.jobs import JobErrorCode
from domain.rate_limits import RATE_LIMITS
from domain.user_errors import UserErrorCode
from server.process import _MAX_CONNECTIONS
from server.settings import Settings

ROOT = Path(__file__).parents[1]
SECURITY, CONFIGURATION = ROOT / "docs" / "security.md", ROOT / "docs" / "configuration.md"
FIELDS = {str(field.validation_alias or name).upper(): field for name, field in Settings.model_fields.items()}
LIMIT = re.compile(r"MAX_\w+|\w+_MAX|\w+_MAX_\w+|\w+_BYTES|\w+_SECONDS|\w+_PER_\w+|\w+_RATE|MIN_\w+|\w+_MIN_\w+")
# Settings of the process, which are not limits of clients.
OF_OPERATION = {
    "CACHE_SHADOW_SAMPLE_RATE", "DB_POOL_MAX", "REPLICA_MAX_LAG_SECONDS", "SHUTDOWN_DELAY_SECONDS",
    "STREAM_SHUTDOWN_SECONDS", "TEXTBOOK_CHAPTER_SECONDS", "WORKER_HEARTBEAT_SECONDS",
}  # fmt: skip
CODE = re.compile(r"`([A-Z_]{5,})`")


def rows(document: Path) -> Iterator[list[str]]:
    """The cells of each row of a table."""
    for line in document.read_text().splitlines():
        if line.startswith("| ") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def defaults(document: Path) -> Iterator[tuple[str, str | None]]:
    """The documented default of each setting; None without one.

    One default may apply to all settings of a row.
    """
    for cells in rows(document):
        names = re.findall(r"`([A-Z][A-Z_]+)`", cells[0])
        if not names or len(cells) < 2 or re.sub(r"`[A-Z_]+`|[,\s]", "", cells[0]):
            continue
        values: list[str | None] = list(re.findall(r"`([^`]+)`", cells[1]))[: len(names)] or [None]
        yield from zip(names, values * len(names) if len(values) == 1 else values, strict=True)


def actual_default(name: str) -> str | None:
    """The default in the format of the tables; None if it is computed."""
    if name == "MAX_CONNECTIONS":
        return str(_MAX_CONNECTIONS)
    default = FIELDS[name].get_default()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int | float | Decimal):
        return f"{default:g}" if isinstance(default, float) else str(default)
    return str(default) if isinstance(default, str) else None


@pytest.mark.parametrize("document", [SECURITY, CONFIGURATION], ids=lambda path: path.name)
def test_documented_defaults_are_right(document: Path) -> None:
    found = list(defaults(document))
    assert len(found) > 40
    for name, value in found:
        assert name in FIELDS, name
        expected = actual_default(name)
        if expected is not None:
            assert value == expected, name


def test_every_setting_is_in_the_configuration_once() -> None:
    names = [name for name, _ in defaults(CONFIGURATION)]
    assert set(names) == set(FIELDS)
    assert len(names) == len(set(names))


def test_every_limit_is_in_the_security_document_once() -> None:
    names = [name for name, _ in defaults(SECURITY)]
    limits = {name for name in FIELDS if LIMIT.fullmatch(name)}
    assert {limit.setting.upper() for limit in RATE_LIMITS} <= limits
    assert len(names) == len(set(names))
    assert limits - OF_OPERATION == set(names)


def test_documented_constants_are_right() -> None:
    found = 0
    for cells in rows(SECURITY):
        if len(cells) == 3 and cells[1].isdigit():
            for name in re.findall(r"`([\w.]+)`", cells[2]):
                module, _, constant = name.rpartition(".")
                assert getattr(importlib.import_module(module), constant) == int(cells[1]), name
                found += 1
    assert found > 10


def test_codes_are_those_of_the_server() -> None:
    known = {*ErrorCode.__members__, *UserErrorCode.__members__, *JobErrorCode.__members__}
    limits = [cells for cells in rows(SECURITY) if len(cells) == 4 and cells[0] != "setting"]
    named = [code for cells in limits for code in CODE.findall(cells[3])]
    assert len(named) > 15
    assert set(named) <= known


def test_named_files_and_tests_exist() -> None:
    text = SECURITY.read_text()
    for name in re.findall(r"`((?:server|domain|schema|tests)/[\w./]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`(test_\w+\.py)`", text):
        assert list((ROOT / "tests").rglob(name)), name
    for document in (SECURITY, ROOT / "SECURITY.md"):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / link).exists(), link


def test_named_metrics_exist() -> None:
    files = (ROOT / "server" / "rest" / "collectors.py", ROOT / "db" / "core" / "database.py")
    code = "".join(path.read_text() for path in files)
    names = re.findall(r"`((?:shinjp|db_client)_\w+?)_total`", SECURITY.read_text())
    assert names
    for name in names:
        assert f'"{name}"' in code, name
