"""Settings, from flags, the environment, a file, and defaults, in this order.

Every field here is a flag of `points serve` (`--database-url`), a variable of the
environment (`POINTS_DATABASE_URL`) and a key of the file (`database_url`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from points.domain.bounds import PART_COUNT_MAX
from points.domain.program import Program, program_of
from points.domain.refusals import InvalidArgument
from points.mendable import Mendable


FILE_VARIABLE: Final = "POINTS_CONFIG"
FILE_DEFAULT: Final = "points.toml"
_PORT_MAX: Final = 65_535
_WORKERS_MAX: Final = 64
SECONDS_MAX: Final = 366 * 86_400.0
"""Longest pause or wait of a setting, in seconds: a leap year. None is for ever."""

Names = Annotated[tuple[str, ...], NoDecode]
"""Names from a list in the file, or a text with commas elsewhere."""

ByUnit = Annotated[dict[str, Any], NoDecode]
"""Something for each unit: a table in the file, a JSON object elsewhere."""


class SettingsWrong(Mendable):
    """A setting is unknown, malformed or out of bounds."""


class Settings(BaseSettings):
    """Is everything that an operator can set."""

    model_config = SettingsConfigDict(env_prefix="POINTS_", extra="forbid")

    database_url: str = Field(
        "sqlite:///points.db",
        description="where the data is: sqlite:///FILE or"
        " postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    )
    address: str = Field(
        "127.0.0.1:50051", description="host:port to listen on; port 0 takes a free one"
    )
    metrics: str = Field(
        "",
        description="host:port to show metrics on, for Prometheus; nowhere if empty",
    )
    tls_certificate: str = Field(
        "", description="PEM file of the server's certificate chain; needs tls_key"
    )
    tls_key: str = Field("", description="PEM file of its private key")
    tls_client_ca: str = Field(
        "", description="PEM file: callers need a certificate signed by one of these"
    )
    auth_keys: str = Field(
        "", description="JSON Web Key Set, a file: callers need a token signed by one"
    )
    auth_audience: str = Field(
        "points", description="whom tokens have to be issued for (aud)"
    )
    auth_issuer: str = Field(
        "", description="who has to have issued them (iss); anyone if empty"
    )
    keys: str = Field(
        "auto",
        description="file with keys that seal secrets of plugins, made if it is not"
        " there; auto is FILE.keys beside sqlite:///FILE, and none elsewhere",
    )
    parts: int = Field(
        64,
        ge=1,
        le=PART_COUNT_MAX,
        description="parts of a new ledger; chosen once, never changed",
    )
    currency_units: Names = Field(
        ("points",), description="units that are earned and burned"
    )
    growth_units: Names = Field(
        ("qualifying_points",), description="units that are earned and never burned"
    )
    sinks: Names = Field(
        ("redemption", "donation", "auction", "purchase", "fee"),
        description="where burns may go",
    )
    zone: str = Field("UTC", description="IANA zone whose days, months and years count")
    expiry: ByUnit = Field(
        {},
        description='how points of a unit expire, as {"points": {"after": "P12M"}};'
        " never where it is not said",
    )
    activation: ByUnit = Field(
        {},
        description='how long points of a unit are pending, as {"points": "P14D"};'
        " not at all where it is not said",
    )
    notice: ByUnit = Field(
        {},
        description='how long ahead the expiry of a unit is announced, as {"points":'
        ' "P30D"}; not at all where it is not said',
    )
    sweep_interval_seconds: float = Field(
        60.0,
        ge=0,
        le=SECONDS_MAX,
        description="pause between two sweeps of what is due; 0 for none",
    )
    queue_limit: int = Field(
        16_384, ge=1, description="commands that may wait before callers are refused"
    )
    batch_limit: int = Field(
        256, ge=1, le=10_000, description="commands committed together"
    )
    patience_seconds: float = Field(
        5.0,
        ge=0,
        le=SECONDS_MAX,
        description="how long a write waits for a database that is away",
    )
    watch_limit: int = Field(
        2_000, ge=0, description="callers that may watch changes at a time"
    )
    watch_buffer: int = Field(
        10_000,
        ge=1_000,
        description="changes that may wait for one watcher before it is cut off",
    )
    watch_checkpoint_seconds: float = Field(
        5.0,
        gt=0,
        le=SECONDS_MAX,
        description="pause after which a watcher gets a checkpoint",
    )
    watch_poll_seconds: float = Field(
        0.05,
        gt=0,
        le=SECONDS_MAX,
        description="pause between looks for what other servers have committed",
    )
    workers: int = Field(
        1,
        ge=1,
        le=_WORKERS_MAX,
        description="server processes that share the port; more than 1 on PostgreSQL",
    )
    drain_seconds: float = Field(
        0.0,
        ge=0,
        le=SECONDS_MAX,
        description="pause between saying not-serving and closing",
    )
    grace_seconds: float = Field(
        10.0,
        ge=0,
        le=SECONDS_MAX,
        description="time that calls under way get at the end",
    )
    receive_bytes_max: int = Field(
        8 * 1024 * 1024,
        ge=1024,
        le=2**31 - 1,
        description="largest message that is accepted",
    )
    plugins: Names = Field(
        ("*",), description="plugins that may take part; * for all that are installed"
    )
    required_plugins: Names = Field(
        (), description="plugins without which the server does not start"
    )
    plugin_hang_seconds: float = Field(
        30.0,
        ge=0,
        le=SECONDS_MAX,
        description="how long a plugin may hold the server up, or one of its queries"
        " may run, before it begins anew without the plugin; 0 for ever",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto is console on a terminal and json elsewhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="info logs one line per call"
    )

    @field_validator(
        "currency_units",
        "growth_units",
        "sinks",
        "plugins",
        "required_plugins",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("expiry", "activation", "notice", mode="before")
    @classmethod
    def _read_object(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            message = f"must be a JSON object, not {value[:64]!r}"
            raise ValueError(message) from None

    @field_validator("address", "metrics")
    @classmethod
    def _check_address(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name == "metrics":
            return value
        host, colon, port = value.rpartition(":")
        if not (host and colon and port.isdecimal() and int(port) <= _PORT_MAX):
            message = f"must be host:port, with a port up to {_PORT_MAX}"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _check_tls(self) -> Self:
        if bool(self.tls_certificate) != bool(self.tls_key):
            message = "tls_certificate and tls_key: one is of no use without the other"
            raise ValueError(message)
        if self.tls_client_ca and not self.tls_certificate:
            message = "tls_client_ca: needs tls_certificate and tls_key"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _check_metrics(self) -> Self:
        first = int(self.metrics.rpartition(":")[2] or 1)
        if not 1 <= first <= _PORT_MAX + 1 - self.workers:
            message = (
                "metrics: needs a port from 1 on for each worker,"
                f" up to {_PORT_MAX} for the last"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _check_units(self) -> Self:
        both = set(self.currency_units) & set(self.growth_units)
        if both:
            message = f"{', '.join(sorted(both))}: a unit is either currency or growth"
            raise ValueError(message)
        try:
            program_in(self)
        except InvalidArgument as refused:
            raise ValueError(str(refused)) from None
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's names
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Returns the sources, the strongest first."""
        file = TomlConfigSettingsSource(settings_cls, _file())
        return init_settings, env_settings, file


def program_in(settings: Settings) -> Program:
    """Returns the program that the settings describe."""
    return program_of(
        currency_units=settings.currency_units,
        growth_units=settings.growth_units,
        sinks=settings.sinks,
        zone=settings.zone,
        expiry=settings.expiry,
        activation=settings.activation,
        notice=settings.notice,
    )


def load_settings(**flags: Any) -> Settings:
    """Returns the settings; flags that are None were not given.

    Raises SettingsWrong, whose message names each wrong setting.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    named = os.environ.get(FILE_VARIABLE)
    if named and not Path(named).is_file():
        message = f"{FILE_VARIABLE} names {named}, which does not exist"
        raise SettingsWrong(message)
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
            for wrong in error.errors()
        ]
        raise SettingsWrong("\n".join(lines)) from None
    except (OSError, ValueError) as error:
        message = f"{_file()}: {error}"
        raise SettingsWrong(message) from None


def _file() -> Path:
    return Path(os.environ.get(FILE_VARIABLE, FILE_DEFAULT))
