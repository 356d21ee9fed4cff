"""RATE_LIMITS: a table of limits over time, in a file or in the variable itself."""

import difflib
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from common.error_descriptions import PlainMessage
from domain.rate_limits import RATE_LIMITS

VARIABLE = "RATE_LIMITS"
ENVIRONMENTS = ("development", "production")
# The settings of all limits, by the names that the table has.
LIMIT_SETTINGS = {
    setting.upper(): setting
    for limit in RATE_LIMITS
    for setting in (limit.setting, limit.bytes_setting)
    if setting is not None
}
_MAX_FILE_BYTES = 1_048_576


class RateLimitTableError(PlainMessage, Exception):
    """The table cannot be read, or has something unknown. The message names the variable."""


class RateLimitTable(PydanticBaseSettingsSource):
    """The source of settings that is read after the variables of the limits, which take precedence."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        # The values of the table, by setting.
        self.values: Mapping[str, int] = {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Raises RateLimitTableError."""
        value = self.current_state.get(VARIABLE)
        if isinstance(value, str) and value:
            environment = self.current_state.get("SHINJP_ENVIRONMENT") or ENVIRONMENTS[0]
            self.values = read_table(value, str(environment))
        return dict(self.values)


def read_table(value: str, environment: str) -> dict[str, int]:
    """Read the limits of an environment, by setting. `value`: the path of a file, or JSON.

    Raises RateLimitTableError.
    """
    table = _parse(value)
    limits = {name: number for name, number in table.items() if name not in ENVIRONMENTS}
    of_environments = {name: table.get(name, {}) for name in ENVIRONMENTS}
    for name, own in of_environments.items():
        if not isinstance(own, dict):
            raise RateLimitTableError(f"{VARIABLE}: {name} must be a table.")
        _check(own)
    _check(limits)
    merged = limits | of_environments.get(environment, {})
    return {LIMIT_SETTINGS[name]: number for name, number in merged.items()}


def _parse(value: str) -> dict[str, Any]:
    if value.lstrip().startswith("{"):
        return _parse_document(value, json.loads, "the value")
    path = Path(value)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
        if len(content) > _MAX_FILE_BYTES:
            raise RateLimitTableError(f"{VARIABLE}: {value} is longer than {_MAX_FILE_BYTES} bytes.")
        text = content.decode()
    except OSError as error:
        raise RateLimitTableError(f"{VARIABLE}: {value} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise RateLimitTableError(f"{VARIABLE}: {value} is not encoded as UTF-8.") from None
    return _parse_document(text, json.loads if path.suffix == ".json" else tomllib.loads, value)


def _parse_document(text: str, parse: Callable[[str], Any], name: str) -> dict[str, Any]:
    language = "JSON" if parse is json.loads else "TOML"
    try:
        found = parse(text)
    except (ValueError, RecursionError) as error:
        raise RateLimitTableError(f"{VARIABLE}: {name} is not valid {language}: {error}.") from None
    if not isinstance(found, dict):
        raise RateLimitTableError(f"{VARIABLE}: {name} must be an object.")
    return found


def _check(limits: Mapping[str, object]) -> None:
    for name, number in limits.items():
        if name not in LIMIT_SETTINGS:
            close = difflib.get_close_matches(name.upper(), LIMIT_SETTINGS, n=1, cutoff=0.0)[0]
            raise RateLimitTableError(f"{VARIABLE}: {name} is not a limit over time. Did you mean {close}?")
        if type(number) is not int:
            raise RateLimitTableError(f"{VARIABLE}: {name} must be an integer.")
