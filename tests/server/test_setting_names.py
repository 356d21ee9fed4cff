"""Misspelt names of settings are rejected; variables of other programs are ignored."""

import os
import random
import string

import click
import pytest

from server.cli import main
from server.setting_names import REMOVED, RENAMED
from server.settings import Settings, SettingsError

NAMES = sorted(str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items())
LONG = [name for name in NAMES if sum(map(str.isalpha, name)) >= 8]

# Variables of common containers, shells, clusters and CI servers.
OTHERS = """
HOSTNAME HOSTS PORTS LOGLEVEL LOG_FILE HOME PATH PWD OLDPWD SHLVL TERM USER LOGNAME SHELL LANG LC_ALL LC_CTYPE TZ
EDITOR PAGER MAIL TMPDIR DEBUG ENV ENVIRONMENT DATA_DIR ORIGIN ORIGINS HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy
https_proxy
no_proxy SSL_CERT_FILE SSL_CERT_DIR PYTHON_VERSION PYTHON_SHA256 PYTHON_PIP_VERSION PYTHON_SETUPTOOLS_VERSION
PYTHON_GET_PIP_URL PYTHON_GET_PIP_SHA256 GPG_KEY PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHASHSEED
PYTHONASYNCIODEBUG VIRTUAL_ENV PIP_NO_CACHE_DIR UV_CACHE_DIR POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB PGDATA PGHOST
PGPORT PGUSER PGPASSWORD PGDATABASE PG_MAJOR PG_VERSION GOSU_VERSION REDIS_VERSION REDIS_DOWNLOAD_URL
REDIS_DOWNLOAD_SHA REDIS_PASSWORD REDIS_HOST REDIS_PORT REDIS_DB REDIS_TLS_URL VALKEY_VERSION NODE_VERSION
YARN_VERSION NODE_ENV NODE_OPTIONS NPM_CONFIG_CACHE npm_config_cache NVM_DIR REDIS_SERVICE_HOST REDIS_SERVICE_PORT
REDIS_PORT_6379_TCP REDIS_PORT_6379_TCP_ADDR KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT
KUBERNETES_SERVICE_PORT_HTTPS KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_PROTO DB_SERVICE_HOST
DB_SERVICE_PORT DB_SERVICE_PORT_POSTGRES DB_PORT_5432_TCP DB_PORT_5432_TCP_ADDR CACHE_SERVICE_HOST CACHE_PORT_6379_TCP
WORKER_SERVICE_HOST WORKER_SERVICE_PORT EXPORT_SERVICE_HOST CI GITHUB_ACTIONS GITHUB_ACTOR GITHUB_REF GITHUB_SHA
GITHUB_TOKEN GITHUB_WORKSPACE GITHUB_REPOSITORY GITHUB_SERVER_URL GITHUB_API_URL RUNNER_OS RUNNER_TEMP
RUNNER_TOOL_CACHE GITLAB_CI CI_COMMIT_SHA CI_JOB_ID CI_PIPELINE_ID CI_SERVER_URL BUILD_ID BUILD_URL JENKINS_URL DYNO
HEROKU_APP_NAME WEB_CONCURRENCY FLY_APP_NAME FLY_REGION RENDER_SERVICE_ID K_SERVICE AWS_REGION AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY GOOGLE_APPLICATION_CREDENTIALS OTEL_EXPORTER_OTLP_ENDPOINT SENTRY_RELEASE SECRET_KEY JWT
INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_PID LISTEN_FDS SUPERVISOR_ENABLED DISPLAY XDG_DATA_HOME
XDG_RUNTIME_DIR SSH_AUTH_SOCK COLUMNS LINES
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_variables_of_other_programs_are_ignored(environment: pytest.MonkeyPatch) -> None:
    for name in OTHERS.split():
        environment.setenv(name, "x")
    for name in ("DB_PORT", "CACHE_PORT", "WORKER_PORT"):
        environment.setenv(name, "tcp://10.0.0.7:5432")
    Settings.load()


def test_variables_of_options_are_known(environment: pytest.MonkeyPatch) -> None:
    commands: list[click.Command] = [main]
    names = set()
    for command in commands:
        names |= {parameter.envvar for parameter in command.params if isinstance(parameter.envvar, str)}
        if isinstance(command, click.Group):
            found = [
                command.get_command(click.Context(command), name)
                for name in command.list_commands(click.Context(command))
            ]
            commands += [one for one in found if one is not None]
    assert names
    for name in names:
        environment.setenv(name, "x")
    Settings.load()


def edits(name: str) -> set[str]:
    """Every deletion and transposition, and insertions and substitutions of some letters at each position."""
    chances = random.Random(name)
    edited = {name[:place] + name[place + 1 :] for place in range(len(name)) if name[place].isalpha()}
    edited |= {
        name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        for place in range(len(name) - 1)
        if name[place : place + 2].isalpha()
    }
    for place in range(len(name)):
        for letter in chances.sample(string.ascii_uppercase, 6):
            edited.add(name[:place] + letter + name[place:])
            if name[place].isalpha():
                edited.add(name[:place] + letter + name[place + 1 :])
    edited.update(name + letter for letter in string.ascii_uppercase)
    return edited - set(NAMES)


@pytest.mark.parametrize("name", LONG)
def test_one_wrong_letter_is_rejected(environment: pytest.MonkeyPatch, name: str) -> None:
    # Loading compares every variable with every setting.
    for other in list(os.environ):
        environment.delenv(other)
    for misspelt in sorted(edits(name)):
        environment.setenv(misspelt, "x")
        with pytest.raises(SettingsError) as raised:
            Settings.load()
        message = str(raised.value)
        assert message.startswith(f"{misspelt} is not a setting. Did you mean "), message
        # Settings may differ from each other by one edit.
        assert message.removeprefix(f"{misspelt} is not a setting. Did you mean ").removesuffix("?") in NAMES
        environment.delenv(misspelt)


def test_former_names_of_settings_are_rejected(environment: pytest.MonkeyPatch) -> None:
    for former, name in RENAMED.items():
        assert name in NAMES
        environment.setenv(former, "x")
        with pytest.raises(SettingsError, match=f"^{former} is not a setting. Did you mean {name}\\?$"):
            Settings.load()
        environment.delenv(former)


def test_extra_or_missing_underscore_is_rejected(environment: pytest.MonkeyPatch) -> None:
    for misspelt in ("DATABASEURL", "REDISURL", "ALLOWED__ORIGINS", "PUBLIC_URL_"):
        environment.setenv(misspelt, "x")
        with pytest.raises(SettingsError, match=misspelt):
            Settings.load()
        environment.delenv(misspelt)


def test_removed_settings_stop_the_start(environment: pytest.MonkeyPatch) -> None:
    for removed in REMOVED:
        assert removed not in NAMES
        environment.setenv(removed, "x")
        with pytest.raises(SettingsError, match=f"^{removed} is no longer a setting: "):
            Settings.load()
        environment.delenv(removed)
