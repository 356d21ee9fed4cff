"""Settings: invalid values are rejected at start-up, with the name of the variable."""

from pathlib import Path

import pytest

from server.settings import Settings, SettingsError
from tests.processes import shinjp


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "seventy", "valid integer"),
        ("PORT", "65536", "65535"),
        ("DB_POOL_MAX", "0", "1"),
        ("DB_POOL_MIN", "11", "DB_POOL_MAX"),
        ("DB_POOL_TIMEOUT_SECONDS", "-1", "greater than 0"),
        ("OPERATION_TIMEOUT_SECONDS", "1000", "300"),
        ("SHINJP_ENVIRONMENT", "staging", "development"),
        ("LOG_LEVEL", "loud", "debug"),
        ("JWT_SECRET", "short", "32 bytes"),
        ("DB_POOL_MX", "5", "DB_POOL_MAX"),
        ("SHINJP_DATADIR", "/data", "SHINJP_DATA_DIR"),
        ("MAX_QUERY_DEPHT", "5", "MAX_QUERY_DEPTH"),
    ],
)
def test_invalid_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert name in str(raised.value)
    assert reason in str(raised.value)


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "hunter2")
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert "hunter2" not in str(raised.value)
    monkeypatch.setenv("JWT_SECRET", "hunter2" * 10)
    assert "hunter2" not in repr(Settings.load())


def test_production_requires_a_database_and_token_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHINJP_ENVIRONMENT", "production")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Settings.load()
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/shinjp")
    with pytest.raises(SettingsError, match="JWT_SECRET or JWT_JWKS_URL"):
        Settings.load()
    monkeypatch.setenv("JWT_JWKS_URL", "https://keys.example/jwks.json")
    with pytest.raises(SettingsError, match="EXPORT_SECRET is required"):
        Settings.load()
    monkeypatch.setenv("EXPORT_SECRET", "too short")
    with pytest.raises(SettingsError, match="EXPORT_SECRET has fewer than 32 bytes"):
        Settings.load()
    monkeypatch.setenv("EXPORT_SECRET", "x" * 32)
    settings = Settings.load()
    assert not settings.public_introspection
    assert settings.use_json_logs


def test_empty_value_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert Settings.load().port == 8000


def test_origins_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://app.example, https://admin.example")
    assert Settings.load().allowed_origins == ("https://app.example", "https://admin.example")


def test_development_secret_is_generated_once_and_private(tmp_path: Path) -> None:
    secret = Settings.load(data_dir=tmp_path).signing_secret()
    assert len(secret) >= 32
    assert Settings.load(data_dir=tmp_path).signing_secret() == secret
    assert (tmp_path / "jwt-secret").stat().st_mode & 0o077 == 0


def test_every_setting_is_documented() -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    names = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    assert {name for name in names if f"`{name}`" not in documentation} == set()


async def test_command_reports_settings_errors_in_one_line() -> None:
    status, output, errors = await shinjp("serve", PORT="seventy")
    assert (status, output) == (1, "")
    assert errors.startswith("shinjp: PORT: 'seventy'")
    assert "Traceback" not in errors


def test_default_files_exist() -> None:
    paths = [field.default for field in Settings.model_fields.values() if isinstance(field.default, Path)]
    assert paths
    for path in paths:
        assert path.is_file(), path
