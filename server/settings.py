"""Settings from environment variables. An unknown name or invalid value is an error that names the variable."""

import contextlib
import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr, ValidationError, field_validator, model_validator

from common.error_descriptions import PlainMessage
from common.object_storage import ObjectStorage
from common.storage import DirectoryStorage, Storage, StorageLimits
from domain.brownouts import Brownout, parse_brownouts
from domain.cost_plans import CostPlans
from domain.emails import UnsubscribeLinks
from domain.exports import ExportLinks, ExportQuota
from domain.rate_limits import (
    RATE_LIMITS,
    RateLimit,
)
from domain.trusted_documents import DocumentModes
from domain.uploads import UploadLimits
from server.http.client_address import TrustedProxies
from server.http.origins import Origins, normalize_origin
from server.observability.tracing.options import TracingOptions, parse_headers
from server.rate_limit_table import LIMIT_SETTINGS, VARIABLE, RateLimitTableError
from server.setting_fields import Environment, SettingFields
from server.setting_names import REMOVED, suggest_setting

_MIN_SECRET_BYTES = 32


class SettingsError(PlainMessage, Exception):
    """A setting is unknown or invalid. The message names the variable."""


class Settings(SettingFields):
    """The validated settings, and values that follow from several of them."""

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Load settings from the environment; `values` take precedence.

        Raises SettingsError for the first unknown or invalid one.
        """
        known = {_variable_name(name).upper() for name in cls.model_fields}
        for name in os.environ:
            if name.upper() in REMOVED:
                raise SettingsError(f"{name} is no longer a setting: {REMOVED[name.upper()]}.")
            suggestion = suggest_setting(name, known)
            if suggestion is not None:
                raise SettingsError(f"{name} is not a setting. Did you mean {suggestion}?")
        try:
            return cls(**{_variable_name(name): value for name, value in values.items()})
        except RateLimitTableError as error:
            raise SettingsError(str(error)) from None
        except ValidationError as error:
            raise SettingsError(_format_error(error)) from None

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Split comma-separated values, such as `https://app.example,https://admin.example`."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("replica_database_urls", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        """Split URLs at spaces, because a URL of several hosts has commas."""
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _normalize_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Serialise origins as browsers do, so that they compare equal to the Origin header."""
        return tuple(dict.fromkeys(normalize_origin(origin) for origin in value))

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        TrustedProxies.parse(value)
        return value

    @field_validator("cost_plans")
    @classmethod
    def _check_plans(cls, value: str) -> str:
        CostPlans.parse(value)
        return value

    @field_validator("otlp_headers")
    @classmethod
    def _check_headers(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_headers(value.get_secret_value())
        return value

    @field_validator("trusted_documents")
    @classmethod
    def _check_document_modes(cls, value: str) -> str:
        DocumentModes.parse(value)
        return value

    @field_validator("brownouts")
    @classmethod
    def _check_brownouts(cls, value: str | None) -> str | None:
        parse_brownouts(value or "")
        return value

    @model_validator(mode="after")
    def _validate(self) -> Self:
        if self.db_pool_min > self.db_pool_max:
            raise ValueError(f"DB_POOL_MIN ({self.db_pool_min}) exceeds DB_POOL_MAX ({self.db_pool_max})")
        if self.stream_shutdown_seconds > self.shutdown_timeout_seconds:
            raise ValueError("STREAM_SHUTDOWN_SECONDS exceeds SHUTDOWN_TIMEOUT_SECONDS")
        for name, secret in (("JWT_SECRET", self.jwt_secret), ("EXPORT_SECRET", self.export_secret)):
            if secret and len(secret.get_secret_value().encode()) < _MIN_SECRET_BYTES:
                raise ValueError(f"{name} has fewer than {_MIN_SECRET_BYTES} bytes")
        if self.textbook_generator == "llm" and (self.llm_base_url is None or self.llm_model is None):
            raise ValueError("LLM_BASE_URL and LLM_MODEL are required if TEXTBOOK_GENERATOR is llm")
        if self.cost_limit == "on" and self.plans_of_cost.least < self.max_query_cost:
            raise ValueError(f"COST_PLANS has a maximum below MAX_QUERY_COST ({self.max_query_cost})")
        for name in ("export", "upload", "cover"):
            if getattr(self, f"{name}_url") is not None and getattr(self, f"{name}_dir") is not None:
                raise ValueError(f"{name.upper()}_URL and {name.upper()}_DIR exclude each other")
        if self.smtp_url is not None and (self.email_from is None or self.public_url is None):
            raise ValueError("EMAIL_FROM and PUBLIC_URL are required if SMTP_URL is set")
        if not self.is_development:
            if self.database_url is None:
                raise ValueError("DATABASE_URL is required in production")
            if self.jwt_secret is None and self.jwt_jwks_url is None:
                raise ValueError("JWT_SECRET or JWT_JWKS_URL is required in production")
            if self.jwt_secret is None and self.export_secret is None:
                raise ValueError("EXPORT_SECRET is required in production without JWT_SECRET")
        return self

    @property
    def is_development(self) -> bool:
        return self.environment is Environment.DEVELOPMENT

    @property
    def origins(self) -> Origins:
        """Allowed origins; in development also any origin on a loopback host."""
        return Origins(frozenset(self.allowed_origins), localhost=self.is_development)

    @property
    def proxies(self) -> TrustedProxies:
        """Proxies whose forwarding headers are trusted."""
        return TrustedProxies.parse(self.trusted_proxies)

    @property
    def tracing(self) -> TracingOptions:
        """OTLP_ENDPOINT and its headers, and which traces are kept."""
        headers = parse_headers("" if self.otlp_headers is None else self.otlp_headers.get_secret_value())
        return TracingOptions(self.otlp_endpoint, headers, self.trace_sample_ratio, self.trace_slow_ms / 1000)

    @property
    def rate_limits(self) -> list[RateLimit]:
        """Rate limits with their configured values."""
        return [
            replace(
                limit,
                times=getattr(self, limit.setting),
                max_bytes=None if limit.bytes_setting is None else getattr(self, limit.bytes_setting),
            )
            for limit in RATE_LIMITS
        ]

    @property
    def plans_of_cost(self) -> CostPlans:
        """COST_PLANS by role."""
        return CostPlans.parse(self.cost_plans)

    @property
    def document_modes(self) -> DocumentModes:
        """TRUSTED_DOCUMENTS by role."""
        return DocumentModes.parse(self.trusted_documents)

    @property
    def parsed_brownouts(self) -> tuple[Brownout, ...]:
        return parse_brownouts(self.brownouts or "")

    @property
    def listener_database_url(self) -> str:
        """The address for LISTEN, which poolers in transaction mode do not support."""
        url = self.listen_database_url or self.database_url
        assert url is not None
        return url

    @property
    def use_json_logs(self) -> bool:
        """LOG_FORMAT, by default JSON in production."""
        return self.log_format == "json" if self.log_format else not self.is_development

    @property
    def chapter_seconds(self) -> float:
        """TEXTBOOK_CHAPTER_SECONDS, by default long enough in development to watch a textbook being generated."""
        if self.textbook_chapter_seconds is not None:
            return self.textbook_chapter_seconds
        return 1.0 if self.is_development else 0.0

    @property
    def public_introspection(self) -> bool:
        """INTROSPECTION, by default only in development. Administrators may always introspect."""
        return self.is_development if self.introspection is None else self.introspection

    @property
    def export_directory(self) -> Path:
        """Directory of exported files, shared by servers and workers."""
        return self.export_dir or self.data_dir / "exports"

    def export_storage(self) -> Storage:
        """The exported files, shared by servers and workers."""
        limits = StorageLimits(self.export_max_files, self.export_max_bytes, self.export_min_free_bytes)
        return _storage(self.export_url, self.export_directory, limits)

    def export_quota(self) -> ExportQuota:
        return ExportQuota(self.export_max_files_per_learner, self.export_max_bytes_per_learner)

    def upload_storage(self) -> Storage:
        """The uploaded files, shared by servers and workers."""
        limits = StorageLimits(self.upload_max_files, self.upload_max_total_bytes, self.upload_min_free_bytes)
        return _storage(self.upload_url, self.upload_dir or self.data_dir / "uploads", limits)

    def upload_limits(self) -> UploadLimits:
        return UploadLimits(
            self.upload_max_bytes,
            self.upload_chunk_bytes,
            self.upload_max_bytes_per_learner,
            self.upload_max_parts_per_learner,
            self.upload_max_unfinished_per_learner,
        )

    def cover_storage(self) -> Storage:
        """The uploaded covers, shared by servers and workers."""
        limits = StorageLimits(self.upload_max_files, self.cover_max_total_bytes, self.upload_min_free_bytes)
        return _storage(self.cover_url, self.cover_dir or self.data_dir / "covers", limits)

    @property
    def base_url(self) -> str:
        """The public URL without a slash at its end; empty if it is not set."""
        return (self.public_url or "").rstrip("/")

    def export_links(self) -> ExportLinks:
        return ExportLinks(self._link_secret(), self.base_url)

    def unsubscribe_links(self) -> UnsubscribeLinks:
        return UnsubscribeLinks(self._link_secret(), self.base_url)

    def _link_secret(self) -> bytes:
        secret = self.export_secret.get_secret_value() if self.export_secret else self.signing_secret()
        return secret.encode()

    def signing_secret(self) -> str:
        """Return the secret that signs tokens; in development it is generated once and stored in the data directory."""
        if self.jwt_secret is not None:
            return self.jwt_secret.get_secret_value()
        if not self.is_development:
            raise SettingsError("JWT_SECRET is not set: this server verifies tokens, but cannot issue them.")
        path = self.data_dir / "jwt-secret"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            # Linked after it is complete, so that of two concurrent processes the first one wins.
            with tempfile.NamedTemporaryFile("w", dir=self.data_dir) as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text()


def _storage(url: str | None, directory: Path, limits: StorageLimits) -> Storage:
    return DirectoryStorage(directory, limits) if url is None else ObjectStorage(url, limits)


def _variable_name(field: str) -> str:
    """Return the alias of a field, such as SHINJP_ENVIRONMENT, because other programs use ENVIRONMENT, or its name."""
    return str(Settings.model_fields[field].validation_alias or field)


def _format_error(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return f"{message}."
    name = str(problem["loc"][0]).upper()
    if name in LIMIT_SETTINGS and name not in os.environ:
        # Defaults are valid.
        return f"{VARIABLE}: {name} = {problem['input']}: {message}."
    value = "" if any(part in name for part in ("SECRET", "URL", "DSN")) else f"{os.environ.get(name, '')!r}: "
    return f"{name}: {value}{message}."
