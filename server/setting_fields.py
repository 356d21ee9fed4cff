"""The table of all settings: types, bounds and defaults. docs/configuration.md describes them."""

import os
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from domain.rate_limits import (
    CACHE_PURGES,
    CARDS,
    EXPORTS,
    GENERATED_TEXTBOOKS,
    IMPORTS,
    JOB_RETRIES,
    JOINED_GROUPS,
    NEW_DOCUMENTS,
    PERSISTED_QUERIES,
    REPORTS,
    REVIEWS,
    SETTINGS_CHANGES,
    SIGN_UPS,
    SIMULATIONS,
    STREAMS,
    TEXT_ANALYSES,
    UPLOAD_REQUESTS,
    UPLOADS,
    WRITES,
)
from engine.request.queue_limits import DEFAULT_QUEUE_LIMITS
from server.addresses import (
    check_base_url,
    check_database_url,
    check_redis_url,
    check_sentry_dsn,
    check_smtp_url,
    check_storage_url,
    check_web_url,
)
from server.rate_limit_table import VARIABLE, RateLimitTable

PROJECT_ROOT = Path(__file__).resolve().parent.parent

_DatabaseUrl = Annotated[str, AfterValidator(check_database_url)]
_RedisUrl = Annotated[str, AfterValidator(check_redis_url)]
_WebUrl = Annotated[str, AfterValidator(check_web_url)]
_SmtpUrl = Annotated[str, AfterValidator(check_smtp_url)]
_BaseUrl = Annotated[str, AfterValidator(check_base_url)]
_StorageUrl = Annotated[str, AfterValidator(check_storage_url)]
_SentryDsn = Annotated[str, AfterValidator(check_sentry_dsn)]


class Environment(StrEnum):
    """Development enables what production disables: GraphiQL signed in as the demo learner, debug statistics."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def default_data_dir() -> Path:
    """Return `.data` in a checkout, else the user's data directory."""
    if (PROJECT_ROOT / "pyproject.toml").exists():
        return PROJECT_ROOT / ".data"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "shinjp"


class SettingFields(BaseSettings):
    """Each field is read from the variable of its upper-case name or alias."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # part of the signature
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The first one takes precedence.
        return init_settings, env_settings, RateLimitTable(settings_cls)

    environment: Environment = Field(Environment.DEVELOPMENT, validation_alias="SHINJP_ENVIRONMENT")
    data_dir: Path = Field(default_factory=default_data_dir, validation_alias="SHINJP_DATA_DIR")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    public_url: _BaseUrl | None = None
    # Load balancers expect a response from `/readyz` within a second.
    health_timeout_seconds: Annotated[float, Field(gt=0, le=0.9)] = 0.8
    shutdown_delay_seconds: Annotated[float, Field(ge=0, le=300)] = 0
    shutdown_timeout_seconds: Annotated[int, Field(ge=0, le=300)] = 20
    stream_shutdown_seconds: Annotated[float, Field(ge=0, le=300)] = 0

    database_url: _DatabaseUrl | None = None
    migration_database_url: _DatabaseUrl | None = None
    listen_database_url: _DatabaseUrl | None = None
    replica_database_urls: Annotated[tuple[_DatabaseUrl, ...], NoDecode, Field(max_length=16)] = ()
    replica_max_lag_seconds: Annotated[float, Field(ge=0.6, le=10)] = 1
    replica_wait_ms: Annotated[float, Field(ge=0, le=1_000)] = 0
    redis_url: _RedisUrl | None = None
    db_pool_min: Annotated[int, Field(ge=0, le=1000)] = 2
    db_pool_max: Annotated[int, Field(ge=1, le=1000)] = 10
    db_pool_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    db_prepared_statements: bool = True

    jwt_secret: SecretStr | None = None
    jwt_jwks_url: _WebUrl | None = None
    jwt_issuer: str = "https://shinjp.example"
    jwt_audience: str = "shinjp"

    max_connections: Annotated[int, Field(ge=10)] | None = None
    max_connections_per_address: Annotated[int, Field(ge=0)] = 1_000
    first_byte_seconds: Annotated[float, Field(ge=1, le=600)] = 10
    head_seconds: Annotated[float, Field(ge=1, le=600)] = 10
    body_grace_seconds: Annotated[float, Field(ge=1, le=600)] = 10
    body_min_rate: Annotated[int, Field(ge=1)] = 1_024
    keep_alive_seconds: Annotated[int, Field(ge=1, le=3_600)] = 5
    write_timeout_seconds: Annotated[float, Field(ge=1, le=600)] = 30
    min_send_rate: Annotated[int, Field(ge=1)] = 1_024
    max_unsent_bytes: Annotated[int, Field(ge=1024 * 1024)] = 256 * 1024 * 1024
    max_unsent_bytes_per_connection: Annotated[int, Field(ge=1024 * 1024)] = 64 * 1024 * 1024
    max_unfinished_bytes: Annotated[int, Field(ge=1024 * 1024)] = 64 * 1024 * 1024

    operation_timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    max_header_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 32_768
    max_url_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 32_768
    max_body_bytes: Annotated[int, Field(ge=1024)] = 2_000_000
    max_query_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 65_536
    max_query_tokens: Annotated[int, Field(ge=10)] = 4_000
    max_query_merge_steps: Annotated[int, Field(ge=1000, le=1_000_000)] = 50_000
    max_query_fields: Annotated[int, Field(ge=10, le=100_000)] = 2_500
    max_query_depth: Annotated[int, Field(ge=1)] = 15
    max_query_aliases: Annotated[int, Field(ge=0)] = 50
    max_query_cost: Annotated[int, Field(ge=1)] = 60_000
    max_result_values: Annotated[int, Field(ge=1_000)] = 600_000
    max_response_bytes: Annotated[int, Field(ge=64 * 1024)] = 16 * 1024 * 1024
    introspection: bool | None = None
    trusted_documents: str = "off"
    mcp: Literal["on", "off"] = "off"
    brownouts: str | None = None

    cache: Literal["on", "off"] = "on"
    cache_memory_bytes: Annotated[int, Field(ge=0)] = 64 * 1024 * 1024
    document_cache_bytes: Annotated[int, Field(ge=0)] = 16 * 1024 * 1024
    response_cache_bytes: Annotated[int, Field(ge=0)] = 8 * 1024 * 1024
    trusted_document_bytes: Annotated[int, Field(ge=0)] = 64 * 1024 * 1024
    persisted_query_cache_bytes: Annotated[int, Field(ge=0)] = 16 * 1024 * 1024
    token_cache_bytes: Annotated[int, Field(ge=0)] = 8 * 1024 * 1024
    viewer_cache_bytes: Annotated[int, Field(ge=0)] = 8 * 1024 * 1024
    cache_surrogate_keys: bool = False
    cache_shadow_sample_rate: Annotated[float, Field(ge=0, le=1)] = 0
    cache_warmup_file: Literal["off"] | Path = PROJECT_ROOT / "server" / "graphql" / "cache_warmup.graphql"

    rate_limit_table: str | None = Field(None, validation_alias=VARIABLE)
    textbooks_per_hour: Annotated[int, Field(ge=1)] = GENERATED_TEXTBOOKS.times
    text_analyses_per_hour: Annotated[int, Field(ge=1)] = TEXT_ANALYSES.times
    exports_per_hour: Annotated[int, Field(ge=1)] = EXPORTS.times
    reports_per_hour: Annotated[int, Field(ge=1)] = REPORTS.times
    imports_per_hour: Annotated[int, Field(ge=1)] = IMPORTS.times
    uploads_per_hour: Annotated[int, Field(ge=1)] = UPLOADS.times
    upload_requests_per_hour: Annotated[int, Field(ge=1)] = UPLOAD_REQUESTS.times
    reviews_per_hour: Annotated[int, Field(ge=1_000)] = REVIEWS.times
    cards_per_hour: Annotated[int, Field(ge=5_000)] = CARDS.times
    settings_changes_per_hour: Annotated[int, Field(ge=1)] = SETTINGS_CHANGES.times
    group_joins_per_hour: Annotated[int, Field(ge=1)] = JOINED_GROUPS.times
    simulations_per_hour: Annotated[int, Field(ge=1)] = SIMULATIONS.times
    writes_per_hour: Annotated[int, Field(ge=1)] = WRITES.times
    job_retries_per_hour: Annotated[int, Field(ge=1)] = JOB_RETRIES.times
    cache_purges_per_hour: Annotated[int, Field(ge=1)] = CACHE_PURGES.times
    streams_per_hour: Annotated[int, Field(ge=1)] = STREAMS.times
    sign_ups_per_hour: Annotated[int, Field(ge=1, le=10_000)] = SIGN_UPS.times
    persisted_queries_per_hour: Annotated[int, Field(ge=1, le=10_000)] = PERSISTED_QUERIES.times
    max_running_operations: Annotated[int, Field(ge=0, le=10_000)] = 64
    max_waiting_documents: Annotated[int, Field(ge=1, le=10_000)] = DEFAULT_QUEUE_LIMITS.total
    max_waiting_documents_per_client: Annotated[int, Field(ge=1, le=10_000)] = DEFAULT_QUEUE_LIMITS.per_client
    max_new_documents: Annotated[int, Field(ge=1, le=1_000_000)] = NEW_DOCUMENTS.times
    persisted_query_bytes_per_hour: Annotated[int, Field(ge=64 * 1024)] = 1024 * 1024
    cost_limit: Literal["on", "off"] = "on"
    cost_plans: str = "anonymous=1000000/20000 learner=500000/10000 editor=2000000/40000"
    cost_plan_claim: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    cost_limit_processes: Annotated[int, Field(ge=1, le=10_000)] = 1
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()

    max_streams_per_learner: Annotated[int, Field(ge=1)] = 30
    max_sockets_per_learner: Annotated[int, Field(ge=1)] = 50
    max_streams_per_socket: Annotated[int, Field(ge=1)] = 30
    stream_max_lifetime_seconds: Annotated[float, Field(gt=0)] = 3_600
    ws_init_timeout_seconds: Annotated[float, Field(gt=0)] = 10
    ws_idle_seconds: Annotated[float, Field(gt=0)] = 3_600
    ws_anonymous_idle_seconds: Annotated[float, Field(gt=0)] = 300
    stream_keepalive_seconds: Annotated[float, Field(gt=0)] = 12

    smtp_url: _SmtpUrl | None = None
    email_from: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")] | None = None
    app_url: _BaseUrl | None = None
    webhook_private_addresses: bool = False

    worker_concurrency: Annotated[int, Field(ge=10, le=1000)] = 10
    worker_heartbeat_seconds: Annotated[float, Field(ge=1, le=60)] = 30
    export_dir: Path | None = None
    export_url: _StorageUrl | None = None
    export_secret: SecretStr | None = None
    export_min_free_bytes: Annotated[int, Field(ge=0)] = 512 * 1024 * 1024
    export_max_files_per_learner: Annotated[int, Field(ge=1)] = 50
    export_max_bytes_per_learner: Annotated[int, Field(ge=1)] = 1024 * 1024 * 1024
    export_max_files: Annotated[int, Field(ge=1)] = 10_000
    export_max_bytes: Annotated[int, Field(ge=1)] = 20 * 1024 * 1024 * 1024
    export_timeout_seconds: Annotated[float, Field(gt=0)] = 600
    max_direct_exports: Annotated[int, Field(ge=1, le=1000)] = 3
    export_patience_seconds: Annotated[float, Field(ge=0)] = 5
    wanikani_url: _WebUrl = "https://api.wanikani.com/v2"
    upload_dir: Path | None = None
    upload_url: _StorageUrl | None = None
    upload_max_bytes: Annotated[int, Field(ge=1024)] = 512 * 1024 * 1024
    upload_chunk_bytes: Annotated[int, Field(ge=1024, le=32 * 1024 * 1024)] = 8 * 1024 * 1024
    upload_max_bytes_per_learner: Annotated[int, Field(ge=1024)] = 1024 * 1024 * 1024
    upload_max_parts_per_learner: Annotated[int, Field(ge=1)] = 5_000
    upload_max_unfinished_per_learner: Annotated[int, Field(ge=1)] = 20
    upload_max_files: Annotated[int, Field(ge=1)] = 100_000
    upload_max_total_bytes: Annotated[int, Field(ge=1024)] = 20 * 1024 * 1024 * 1024
    upload_min_free_bytes: Annotated[int, Field(ge=0)] = 512 * 1024 * 1024
    cover_dir: Path | None = None
    cover_url: _StorageUrl | None = None
    cover_max_total_bytes: Annotated[int, Field(ge=1024)] = 5 * 1024 * 1024 * 1024
    textbook_generator: Literal["dictionary", "llm"] = "dictionary"
    textbook_chapter_seconds: Annotated[float, Field(ge=0, le=60)] | None = None
    llm_base_url: _BaseUrl | None = None
    llm_api_key: SecretStr | None = None
    llm_model: str | None = None
    llm_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 120
    llm_prompt_price: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    llm_completion_price: Annotated[Decimal, Field(ge=0)] = Decimal(0)

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] | None = None
    otlp_endpoint: _BaseUrl | None = None
    otlp_headers: SecretStr | None = None
    trace_sample_ratio: Annotated[float, Field(ge=0, le=1)] = 0.01
    trace_slow_ms: Annotated[float, Field(ge=1)] = 500
    sentry_dsn: _SentryDsn | None = None
    resolver_metrics_ratio: Annotated[float, Field(ge=0, le=1)] = 0
    metrics_dir: Path | None = None
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    metrics_token: SecretStr | None = None
