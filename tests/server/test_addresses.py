"""Every command reports an invalid URL by the name of its variable, without showing its value."""

import pytest

from server.addresses import check_base_url, check_database_url, check_redis_url, check_web_url
from server.settings import Settings, SettingsError
from tests.processes import shinjp

PASSWORD = "hunter2"

GOOD = {
    check_database_url: [
        "postgresql://host",
        "postgres://user:password@host:5432/database",
        "postgresql://user:p%2Fss%40w%5Brd@host/database?sslmode=require",
        "postgresql://user@/database?host=/run/postgresql",
        "postgresql://user@one:5432,two:5433/database?target_session_attrs=read-write",
        "postgresql://user@[::1]:5432/database",
    ],
    check_redis_url: [
        "redis://host",
        "redis://host:6379/0",
        "redis://:password@host:6379/2?health_check_interval=30",
        "rediss://user:password@host/0?ssl_cert_reqs=none",
        "redis://[::1]:6379/0",
        "unix:///run/valkey.sock",
        "unix:///run/valkey.sock?db=1",
        "unix:///tmp/a%20directory/valkey.sock",
        "redis+cluster://host:7000",
        "rediss+cluster://user:password@host:7000",
        "redis+sentinel://one:26379,two,[::1]:26379/name",
        "redis+sentinel://:password@one/name/3",
    ],
    check_web_url: ["https://keys.example/jwks.json", "http://127.0.0.1:8000/keys?kind=all", "https://[::1]:8443/keys"],
    check_base_url: ["https://shinjp.example", "http://localhost:8000/", "https://models.example/v1"],
}
BAD_PORTS = ["{}://{}host:port/a", "{}://{}host:0/a", "{}://{}host:65536/a", "{}://{}host:/a", "{}://{}[::1]:x/a"]
BAD = [
    f"{PASSWORD}",
    f"{PASSWORD}://host/a",
    "ftp://{}host/a",
    "{}://",
    "{}:///",
    "{}://{}",
    "{}://{}:5432",
    "{}://{}ho st/a",
    "{}://{}host/a\n",
    "{}://{}host\x7f/a",
    "{}://{}[::1/a",
    "{}:{}host/a",
    *BAD_PORTS,
]
VARIABLES = {
    "DATABASE_URL": "postgresql",
    "MIGRATION_DATABASE_URL": "postgresql",
    "LISTEN_DATABASE_URL": "postgresql",
    "REDIS_URL": "redis",
    "JWT_JWKS_URL": "https",
    "PUBLIC_URL": "https",
    "LLM_BASE_URL": "https",
}
SPECIAL = {
    "REDIS_URL": [
        "unix://",
        "redis://host/name",
        "redis://one,two/0",
        "redis://host?nonsense=1",
        "redis://host?socket_timeout=soon",
        "redis+cluster://host?nonsense=1",
        "redis+sentinel://one",
        "redis+sentinel://one/name/db",
        "redis+sentinel://one,/name",
        "valkey://host",
    ],
    "DATABASE_URL": [
        f"postgresql://user:{PASSWORD}/s@host/database",
        f"postgresql://user:{PASSWORD}[s@host/database",
        f"postgresql://user:{PASSWORD}#s@host/database",
        "postgresql://user@host?port=many",
        "postgresql+asyncpg://host/database",
    ],
    "PUBLIC_URL": ["https://host?a=1", "https://host/#", "https://one,two"],
    "LLM_BASE_URL": ["https://host/v1?key=1"],
}
CASES = [
    *((name, bad.format(scheme, f"user:{PASSWORD}@")) for name, scheme in VARIABLES.items() for bad in BAD),
    *((name, bad) for name, values in SPECIAL.items() for bad in values),
]


@pytest.mark.parametrize("check", GOOD)
def test_supported_forms_pass(check: object) -> None:
    assert callable(check)
    for url in GOOD[check]:
        assert check(url) == url


@pytest.mark.parametrize(("name", "value"), CASES)
def test_variable_of_invalid_url_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    message = str(raised.value)
    assert message.startswith(f"{name}: ")
    assert PASSWORD not in message
    assert "host" not in value or value not in message


@pytest.mark.parametrize(
    "command", [("serve",), ("worker",), ("env",), ("token", "--as", "demo"), ("migrate",), ("seed",)], ids=" ".join
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
async def test_every_command_reports_invalid_url(command: tuple[str, ...], name: str) -> None:
    status, output, errors = await shinjp(*command, **{name: f"nonsense://user:{PASSWORD}@host:port"})
    assert (status, output) == (1, "")
    assert errors.startswith(f"shinjp: {name}: ")
    assert "Traceback" not in errors
    assert PASSWORD not in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("command", [("serve",), ("migrate",), ("seed",), ("worker",)], ids=" ".join)
async def test_invalid_driver_option_is_reported(command: tuple[str, ...]) -> None:
    url = f"postgresql://user:{PASSWORD}@127.0.0.1:1/database?sslmode=sometimes"
    status, _, errors = await shinjp(*command, DATABASE_URL=url)
    assert status == 1
    assert errors.startswith("shinjp: DATABASE_URL: ")
    assert "Traceback" not in errors
    assert PASSWORD not in errors
