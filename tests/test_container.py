"""The image and docker-compose.yml match the server: names, paths, ports, time-outs and commands."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from starlette.routing import Route

from server.app import create_app
from server.cli import main
from server.settings import Settings
from tests.container import ROOT, context_files, is_ignored, read_compose, read_dockerfile, seconds

GIVEN = {
    "POSTGRES_PASSWORD": "a" * 48,
    "API_DATABASE_PASSWORD": "b" * 48,
    "JWT_SECRET": "c" * 64,
}
# Variables of Python, the shell and uv.
OTHERS = re.compile(r"PATH|PYTHON[A-Z]+|UV_[A-Z_]+")
NAMES = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}

STAGES = read_dockerfile()
BUILDER = next(stage for stage in STAGES if stage.name == "builder")
IMAGE = STAGES[-1]
COMPOSE = read_compose(GIVEN)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]


def settings_of(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**IMAGE.environment, **environment}.items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    return Settings.load()


def test_dockerfile_copies_existing_files() -> None:
    files, names = context_files(), [stage.name for stage in STAGES]
    for stage in STAGES:
        for copy in stage.all("COPY"):
            *sources, _ = copy.words
            if "from" in copy.options:
                assert copy.options["from"] in names[: STAGES.index(stage)]
                continue
            for source in sources:
                path = source.strip("./")
                assert not path or path in files or any(file.startswith(f"{path}/") for file in files), source


def test_context_has_exactly_the_files_of_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert {name.partition("/")[0] for name in context_files() if "/" in name} == packages
    for secret in (".env", ".data/jwt-secret", ".git/config", "docker-compose.yml", "tests/conftest.py", "deploy/x"):
        assert is_ignored(secret), secret
    for made in ("server/graphiql/node_modules/x/y.js", "server/__pycache__/app.pyc", "server/graphiql/static/x.js"):
        assert is_ignored(made), made


def test_variables_of_the_image_are_known() -> None:
    for stage in STAGES:
        for name in stage.environment:
            assert name in NAMES or OTHERS.fullmatch(name), name


def test_health_check_and_port_are_those_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(SERVICES["api"]["environment"], monkeypatch)
    paths = {route.path for route in create_app(settings).routes if isinstance(route, Route)}
    [asked] = re.findall(r"'(/\w+)'", IMAGE.one("HEALTHCHECK").text)
    assert asked in paths
    assert IMAGE.one("EXPOSE").text == IMAGE.environment["PORT"] == str(settings.port)
    assert settings.host == "0.0.0.0"
    for mapping in SERVICES["api"]["ports"]:
        host, _, target = mapping.rpartition(":")
        assert target == IMAGE.environment["PORT"]
        # Only the proxy can reach it.
        assert host.startswith("127.0.0.1:")


@pytest.mark.parametrize("service", OURS)
def test_environment_of_a_service_is_accepted(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = SERVICES[service]["environment"]
    assert set(environment) <= NAMES
    settings = settings_of(environment, monkeypatch)
    assert not settings.is_development
    assert settings.database_url is not None
    assert urlsplit(settings.database_url).hostname in SERVICES
    if settings.redis_url is not None:
        assert urlsplit(settings.redis_url).hostname in SERVICES


@pytest.mark.parametrize("variable", sorted(GIVEN))
def test_secret_is_required(variable: str) -> None:
    with pytest.raises(KeyError, match=variable):
        read_compose({name: value for name, value in GIVEN.items() if name != variable})


def test_services_share_the_export_folder_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("api", "worker"):
        folder = settings_of(SERVICES[service]["environment"], monkeypatch).export_directory
        assert f"exports:{folder}" in SERVICES[service]["volumes"]
        assert any(run.text.endswith(f" {folder}") for run in IMAGE.all("RUN"))


def test_services_stop_within_their_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("api", "worker"):
        settings = settings_of(SERVICES[service]["environment"], monkeypatch)
        longest = settings.shutdown_delay_seconds + settings.shutdown_timeout_seconds
        assert seconds(SERVICES[service]["stop_grace_period"]) > longest


def commands() -> Iterator[tuple[str, list[str]]]:
    assert IMAGE.one("ENTRYPOINT").words == ["shinjp"]
    yield "image", IMAGE.one("CMD").words
    for service in OURS:
        if "command" in SERVICES[service]:
            yield service, SERVICES[service]["command"]
    for line in (ROOT / "docker-compose.yml").read_text().splitlines():
        if match := re.match(r"#\s+docker compose exec api shinjp (.*)", line):
            yield line, match[1].split()


@pytest.mark.parametrize(("where", "command"), list(commands()))
def test_command_exists(where: str, command: list[str]) -> None:
    assert isinstance(main, click.Group)
    found = main.get_command(click.Context(main), command[0])
    assert found is not None, where
    # Parses the options without running anything.
    found.make_context(command[0], command[1:])


def test_named_services_exist() -> None:
    for service in SERVICES.values():
        for name, dependency in service.get("depends_on", {}).items():
            if dependency["condition"] == "service_healthy":
                assert "test" in SERVICES[name]["healthcheck"]
            if dependency["condition"] == "service_completed_successfully":
                assert SERVICES[name]["restart"] == "no"
        for volume in service.get("volumes", []):
            source, _, _ = volume.partition(":")
            assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]


def test_database_has_the_logins_of_the_services() -> None:
    database = SERVICES["postgres"]["environment"]
    script = (ROOT / "deploy" / "postgres" / "application-login.sql").read_text()
    logins = {database["POSTGRES_USER"]: database["POSTGRES_PASSWORD"]}
    [variable] = re.findall(r"\\getenv password (\w+)", script)
    [role] = re.findall(r"CREATE ROLE (\w+) LOGIN'", script)
    assert f"ALTER ROLE {role} PASSWORD :'password'" in script
    logins[role] = database[variable]
    for service in OURS:
        url = urlsplit(SERVICES[service]["environment"]["DATABASE_URL"])
        assert url.username is not None
        assert url.password == logins[url.username]
        assert url.path == f"/{database['POSTGRES_DB']}"


def test_services_have_minimal_privileges() -> None:
    for name in [*OURS, "valkey"]:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert all("ports" not in service for name, service in SERVICES.items() if name != "api")
    user = IMAGE.one("USER").text
    assert user.isdigit()
    assert int(user) > 0


def test_image_has_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"shinjp-graphql:{version}"}
