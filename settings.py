"""The only reader of the environment. Every wrong value is listed at once, at start."""

import base64
import os
import secrets
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from asyncpg import Connection
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from auth.origins import origin_of

HERE = Path(__file__).resolve().parent
MODELS = sorted(f"domain.{path.parent.name}.models" for path in HERE.glob("domain/*/models.py"))


class Environment(StrEnum):
    """How strict to be: a trial generates what is missing, production refuses to start."""

    TRIAL = "trial"
    PRODUCTION = "production"


class RequestLog(StrEnum):
    """About which requests a line is logged."""

    ALL = "all"
    ERRORS = "errors"
    NONE = "none"


class SignUp(StrEnum):
    """Who may create an account."""

    OPEN = "open"
    CLOSED = "closed"


class Settings(BaseSettings):
    """What an operator can set; names are ``PLERA_`` + the field in capitals unless noted.

    Durations are seconds; lists are separated by commas.
    """

    model_config = SettingsConfigDict(env_prefix="PLERA_", env_file=None, extra="ignore", frozen=True)

    env: Environment = Environment.TRIAL
    database_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "PLERA_DATABASE_URL")
    )
    migration_database_url: str | None = Field(None, validation_alias="MIGRATION_DATABASE_URL")
    redis_url: str | None = Field(None, validation_alias=AliasChoices("REDIS_URL", "PLERA_REDIS_URL"))
    host: str = "127.0.0.1"
    port: int = Field(8000, validation_alias=AliasChoices("PORT", "PLERA_PORT"), ge=1, le=65535)
    data_dir: Path | None = None
    public_url: str | None = None
    web_origins: Annotated[tuple[str, ...], NoDecode] = ()
    master_keys: SecretStr | None = None
    sign_up: SignUp = SignUp.OPEN
    trial_credits: int = Field(1_000, ge=0)

    api_points_max: int = Field(50_000, ge=0)
    """Points one client may spend at once in one workspace; 0 counts nothing."""
    api_points_per_s: int = Field(5_000, ge=1)

    request_log: RequestLog = RequestLog.ALL
    admin_port: int | None = Field(None, ge=1, le=65535)
    """Where metrics and health are told, to this machine alone; without it they aren't counted."""

    otel_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """Only whether there is one matters here: the OpenTelemetry SDK reads its variables itself."""
    otel_sdk_disabled: bool = Field(False, validation_alias="OTEL_SDK_DISABLED")

    mail_url: SecretStr | None = None
    mail_from: str = "Plera <plera@localhost>"

    sweep_interval_s: float = Field(1.0, gt=0, le=60)
    poll_interval_s: float = Field(60.0, gt=0)
    watched_mailboxes_max: int = Field(200, ge=0, le=500)
    lease_s: float = Field(10.0, gt=1)
    smtp_final_timeout_s: float = Field(600.0, gt=0)
    reconcile_delays_s: Annotated[tuple[float, ...], NoDecode] = (10, 60, 600, 3600)
    settle_delay_s: float = Field(30.0, ge=0)
    send_concurrency: int = Field(200, ge=1, le=500)

    outbound_allow: Annotated[tuple[str, ...], NoDecode] = ()
    outbound_hosts: dict[str, str] = {}
    outbound_ca_file: Path | None = None
    dns_servers: Annotated[tuple[str, ...], NoDecode] = ()
    crawler_contact: str = "https://example.invalid/plera"

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    anthropic_model: str = "claude-sonnet-5-5"
    anthropic_extractor_model: str = "claude-haiku-5-5"

    @field_validator("outbound_allow", "dns_servers", "reconcile_delays_s", "web_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("public_url")
    @classmethod
    def _is_web_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if (
            not parts.hostname
            or parts.path.strip("/")
            or not (parts.scheme == "https" or (parts.scheme == "http" and loopback))
        ):
            raise ValueError("must be https://host, without a path (http is allowed for loopback only)")
        return value.rstrip("/")

    @field_validator("web_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and ("*" in origin or origin_of(origin) != origin):
                raise ValueError(f"{origin[:80]} is no origin: write https://host or https://host:port, or *")
        return value

    @model_validator(mode="after")
    def _production_is_explicit(self) -> Self:
        if self.env is Environment.PRODUCTION:
            needed = {
                "DATABASE_URL": self.database_url,
                "REDIS_URL": self.redis_url,
                "PLERA_PUBLIC_URL": self.public_url,
                "PLERA_MASTER_KEYS": self.master_keys,
                "PLERA_MAIL_URL": self.mail_url,
            }
            missing = [name for name, value in needed.items() if value is None]
            if missing:
                raise ValueError(f"production needs {', '.join(missing)}")
        return self

    @property
    def base_url(self) -> str:
        """Where links point to: the public URL, or this machine."""
        return self.public_url or f"http://{self.host}:{self.port}"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment.

    Raises:
        SystemExit: with every wrong value on a line of its own.
    """
    try:
        return Settings(**overrides)
    except SettingsError as error:
        raise SystemExit(f"The settings are not usable:\n  {error}: {error.__cause__}") from None
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()
        ]
        raise SystemExit("The settings are not usable:\n" + "\n".join(lines)) from None


def master_keys_text(settings: Settings) -> str:
    """Return the master keys as ``id:base64,…``; a trial generates one and keeps it in its data folder."""
    if settings.master_keys is not None:
        return settings.master_keys.get_secret_value()
    if settings.data_dir is None:
        raise SystemExit("PLERA_MASTER_KEYS or PLERA_DATA_DIR must be set")
    path = settings.data_dir / "master.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = "trial:" + base64.b64encode(secrets.token_bytes(32)).decode()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    return path.read_text().strip()


def tortoise_config(
    database_url: str,
    *,
    pool_max: int = 10,
    init: Callable[..., Awaitable[None]] | None = None,
    reset: Callable[..., Awaitable[None]] | None = None,
    connection_class: "type[Connection[Any]]" = Connection,
) -> dict[str, Any]:
    """Return Tortoise's configuration: one pool per database role over one URL.

    Args:
        init: called with each new connection.
        reset: called with each that is given back; None for asyncpg's own, which sends a query.
        connection_class: what connections are.
    """
    parts = urlsplit(database_url)

    def connection(role: str) -> dict[str, Any]:
        credentials = {
            "host": parts.hostname,
            "port": parts.port or 5432,
            "user": parts.username,
            "password": parts.password,
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": pool_max,
            "connection_class": connection_class,
            "server_settings": {"role": role, "application_name": "plera"},
            "init": init,
            "reset": reset,
        }
        return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}

    return {
        "connections": {"app": connection("plera_app"), "system": connection("plera_system")},
        "apps": {
            "models": {
                "models": MODELS,
                "default_connection": "app",
                "migrations": "aerich_migrations.models",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }
