"""RATE_LIMITS sets any limit over time, and what is wrong in it stops the start."""

import json
import tomllib
from pathlib import Path

import pytest

from domain.rate_limits import RATE_LIMITS
from server.rate_limit_table import ENVIRONMENTS, LIMIT_SETTINGS
from server.setting_fields import Environment
from server.settings import Settings, SettingsError
from tests.processes import shinjp

TABLE = """
EXPORTS_PER_HOUR = 7
IMPORTS_PER_HOUR = 8
UPLOADS_PER_HOUR = 9
[development]
IMPORTS_PER_HOUR = 10
[production]
UPLOADS_PER_HOUR = 11
"""


def limits_of(settings: Settings, *names: str) -> list[int]:
    times = {limit.variable: limit.times for limit in settings.rate_limits}
    return [times[name] for name in names]


@pytest.mark.parametrize("form", ["toml", "json", "inline"])
def test_table_sets_limits_of_an_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str) -> None:
    text = TABLE if form == "toml" else json.dumps(tomllib.loads(TABLE))
    path = tmp_path / f"limits.{form}"
    path.write_text(text)
    monkeypatch.setenv("RATE_LIMITS", text if form == "inline" else str(path))
    names = "EXPORTS_PER_HOUR", "IMPORTS_PER_HOUR", "UPLOADS_PER_HOUR", "REPORTS_PER_HOUR"
    assert limits_of(Settings.load(), *names) == [7, 10, 9, 60]
    production = {"environment": "production", "database_url": "postgresql://localhost/x", "jwt_secret": "x" * 32}
    assert limits_of(Settings.load(**production), *names) == [7, 8, 11, 60]
    # Variables and arguments take precedence, as they do for one limit.
    monkeypatch.setenv("EXPORTS_PER_HOUR", "12")
    assert limits_of(Settings.load(uploads_per_hour=13), *names) == [12, 10, 13, 60]


def test_every_limit_can_be_set() -> None:
    assert {limit.variable for limit in RATE_LIMITS} <= LIMIT_SETTINGS.keys()
    assert set(ENVIRONMENTS) == set(map(str, Environment))
    table = {name: 5_000 if name != "PERSISTED_QUERY_BYTES_PER_HOUR" else 100_000 for name in LIMIT_SETTINGS}
    settings = Settings.load(rate_limit_table=json.dumps(table))
    assert {limit.times for limit in settings.rate_limits} == {5_000}
    assert [limit.max_bytes for limit in settings.rate_limits if limit.max_bytes is not None] == [100_000]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"EXPORTS_PER_HOUR": 0}', "EXPORTS_PER_HOUR = 0: Input should be greater than or equal to 1"),
        ('{"SIGN_UPS_PER_HOUR": 10001}', "SIGN_UPS_PER_HOUR = 10001: Input should be less than or equal to 10000"),
        ('{"EXPORT_PER_HOUR": 1}', "EXPORT_PER_HOUR is not a limit over time. Did you mean EXPORTS_PER_HOUR?"),
        ('{"staging": {"EXPORTS_PER_HOUR": 1}}', "staging is not a limit over time"),
        # Also in the section of another environment.
        ('{"production": {"PORT": 1}}', "PORT is not a limit over time"),
        ('{"production": 1}', "production must be a table"),
        ('{"EXPORTS_PER_HOUR": "5"}', "EXPORTS_PER_HOUR must be an integer"),
        ('{"EXPORTS_PER_HOUR": true}', "EXPORTS_PER_HOUR must be an integer"),
        ("{", "the value is not valid JSON"),
        ('{"a":' * 100_000, "the value is not valid JSON"),
        ("missing.toml", "missing.toml cannot be read: No such file or directory"),
        ("broken.toml", "broken.toml is not valid TOML"),
        ("list.json", "list.json must be an object"),
        ("bytes.toml", "bytes.toml is not encoded as UTF-8"),
        ("endless.toml", "endless.toml is longer than 1048576 bytes"),
    ],
)
def test_wrong_tables_stop_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, reason: str) -> None:
    (tmp_path / "broken.toml").write_text("EXPORTS_PER_HOUR: 1")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    (tmp_path / "endless.toml").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATE_LIMITS", value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert str(raised.value).startswith("RATE_LIMITS: ")
    assert reason in str(raised.value)


async def test_command_prints_a_table(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(TABLE)
    status, printed, errors = await shinjp("limits", RATE_LIMITS=str(path), STREAMS_PER_HOUR="14")
    assert (status, errors) == (0, "")
    limits = tomllib.loads(printed)
    assert limits.keys() == LIMIT_SETTINGS.keys()
    assert (limits["IMPORTS_PER_HOUR"], limits["STREAMS_PER_HOUR"], limits["MAX_NEW_DOCUMENTS"]) == (10, 14, 600)
    assert Settings.load(rate_limit_table=json.dumps(limits)).imports_per_hour == 10
    path.write_text("EXPORTS = 1")
    status, _, errors = await shinjp("limits", RATE_LIMITS=str(path))
    assert (status, errors) == (
        1,
        "shinjp: RATE_LIMITS: EXPORTS is not a limit over time. Did you mean EXPORTS_PER_HOUR?\n",
    )
