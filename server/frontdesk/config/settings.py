"""The declaration of every setting: its name, type, bounds, default and meaning."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta, Struct
from msgspec.structs import asdict


class Durability(StrEnum):
    """What an acknowledged command has behind it (R1.9). The embedded Redis: fsync before each
    answer, or about every second. A Redis of one's own has settings for that; `replicated` waits
    until a replica has it, too.
    """

    ALWAYS = "always"
    EVERYSEC = "everysec"
    REPLICATED = "replicated"


class LogLevel(StrEnum):
    """The least important line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """Lines for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


Word = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
PerMinute = Annotated[int, Meta(ge=0, le=60_000)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]

SECRET = frozenset({"secret_key", "identity_secret"})
PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)
WITH_PASSWORD = frozenset({"redis_url", "database_url"})
HIDDEN = "********"
_PASSWORD_IN_QUERY = re.compile(r"(?<=password=)[^&#]+")


class Settings(Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """What an installation can choose. Seconds may be fractions; an empty text means "not set"."""

    host: Annotated[str, Meta(description="Address to listen on; `0.0.0.0` means all.")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, Meta(description="Port to listen on; 0 takes a free one.")] = 8000
    worker_port: Annotated[
        Port,
        Meta(
            description="Port of a background worker that runs alone, for health and figures; "
            "0: none."
        ),
    ] = 0
    workers: Annotated[
        int, Meta(ge=1, le=256, description="Node processes on that port; about one per core.")
    ] = 1
    data: Annotated[
        Path, Meta(description="Folder of the embedded Redis, SQLite and the secret key.")
    ] = Path("data")
    public_url: Annotated[
        str, Meta(description="How browsers reach the server, such as `https://chat.example.com`.")
    ] = ""
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(description="Sites that may carry the widget; `*` for any, none for our own only."),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="Networks of proxies whose word on a client's address is taken."),
    ] = ()
    secret_key: Annotated[
        str,
        Meta(
            description="Signs visitor tokens; several, the new one first, to change it. "
            "Empty: made once and kept in `secret.key` of the data folder."
        ),
    ] = ""

    identity_secret: Annotated[
        str,
        Meta(
            description="Secret (HS256) or PEM public key (RS256) that your site signs identities "
            "with; several to change it. Empty: none are believed."
        ),
    ] = ""
    geoip_file: Annotated[
        str,
        Meta(
            description="Database of places by address, in MaxMind's format (.mmdb). "
            "Empty: the country is guessed from the browser's time zone."
        ),
    ] = ""

    redis_url: Annotated[
        str,
        Meta(
            description="Redis or Valkey, 6.2 or later: `redis://`, `rediss://`, `unix://`, "
            "`redis+sentinel://` or `redis+cluster://`; empty starts an embedded one."
        ),
    ] = ""
    redis_prefix: Annotated[Word, Meta(description="What every key in Redis begins with.")] = "fd"
    durability: Annotated[
        Durability,
        Meta(
            description="fsync of the embedded Redis: `always` loses nothing acknowledged, "
            "`everysec` about a second. With a Redis of your own its settings count, and "
            "`replicated` acknowledges what a replica has, too."
        ),
    ] = Durability.ALWAYS
    database_url: Annotated[
        str, Meta(description="PostgreSQL (`postgresql://…`); empty is SQLite in `data`.")
    ] = ""
    desk: Annotated[Word, Meta(description="Id of the desk.")] = "main"
    desk_name: Annotated[
        str, Meta(min_length=1, max_length=80, description="Name that visitors see.")
    ] = "Frontdesk"

    ring_seconds: Annotated[
        Seconds, Meta(description="How long one rep is rung before the next.")
    ] = 30
    wait_seconds: Annotated[
        Seconds, Meta(description="How long a visitor waits before nobody came.")
    ] = 90
    device_grace_seconds: Annotated[
        Seconds, Meta(description="A lost connection of a rep is forgiven this long.")
    ] = 10
    rep_lost_seconds: Annotated[
        Seconds, Meta(description="A lost rep's chat is offered to others after this.")
    ] = 30
    unanswered_limit: Annotated[
        int,
        Meta(
            ge=0, le=100, description="Offers in a row that a rep lets expire, then away; 0: never."
        ),
    ] = 2
    idle_minutes: Annotated[
        float, Meta(ge=0, le=1440, description="A rep without input this long is idle; 0: never.")
    ] = 10
    silent_minutes: Annotated[
        float, Meta(ge=0, le=1440, description="A silent visitor's chat frees its place; 0: never.")
    ] = 10
    owner_over_capacity: Annotated[
        int, Meta(ge=0, le=1, description="Chats that an owner may take beyond their capacity.")
    ] = 0
    node_lease_seconds: Annotated[
        float, Meta(ge=1, le=10, description="A node silent this long is taken for dead.")
    ] = 4
    session_idle_minutes: Annotated[
        float, Meta(gt=0, le=1440, description="A visit ends after this without activity.")
    ] = 60
    session_gone_minutes: Annotated[
        float, Meta(gt=0, le=1440, description="A visit ends when gone this long.")
    ] = 5
    retention_months: Annotated[
        int,
        Meta(
            ge=0,
            le=600,
            description="Conversations and visitors are kept this long after their end; "
            "0: for ever.",
        ),
    ] = 18
    default_capacity: Annotated[
        int, Meta(ge=1, le=100, description="Chats that a new rep can hold at once.")
    ] = 3

    heartbeat_seconds: Annotated[
        Seconds, Meta(description="A ping to each socket; dead after two without an answer.")
    ] = 25
    hello_seconds: Annotated[
        Seconds, Meta(description="A socket that hasn't said hello by then is closed.")
    ] = 5
    max_frame_bytes: Annotated[
        int, Meta(ge=1024, le=1_048_576, description="The longest frame a client may send.")
    ] = 16_384
    frame_rate: Annotated[Count, Meta(description="Frames a second that a socket may send.")] = 30
    frame_burst: Annotated[Count, Meta(description="Frames it may send at once.")] = 120
    connections_per_address: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Sockets of one address and node; 0: no limit.")
    ] = 200
    hellos_per_visitor: Annotated[
        PerMinute,
        Meta(description="Tabs a minute that a visitor opens or reconnects; 0: no limit."),
    ] = 120
    hellos_per_address: Annotated[
        PerMinute, Meta(description="Tabs a minute of visitors of one address; 0: no limit.")
    ] = 1200
    requests_per_visitor: Annotated[
        PerMinute,
        Meta(description="Times a minute that a visitor may ask for a person; 0: no limit."),
    ] = 6
    requests_per_address: Annotated[
        PerMinute, Meta(description="Times a minute that one address may; 0: no limit.")
    ] = 60
    drain_seconds: Annotated[
        float, Meta(ge=0, le=600, description="A stopping node spreads its good-byes over this.")
    ] = 10
    drain_delay_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="At the end of all, `/readyz` fails this long before the good-byes begin: "
            "longer than a proxy needs to notice.",
        ),
    ] = 0

    sign_in_hours: Annotated[
        float, Meta(gt=0, le=87_600, description="A rep's sign-in ends after this.")
    ] = 720
    invitation_hours: Annotated[
        float, Meta(gt=0, le=8760, description="An invitation can be accepted this long.")
    ] = 72
    tracing_url: Annotated[
        str,
        Meta(
            description="Collector of traces (OTLP over HTTP), such as `http://127.0.0.1:4318`. "
            "Empty: nothing is traced."
        ),
    ] = ""
    tracing_messages: Annotated[
        float, Meta(ge=0, le=1, description="Share of messages that are traced; the rest always.")
    ] = 0.01
    log_level: Annotated[LogLevel, Meta(description="`debug`, `info`, `warning` or `error`.")] = (
        LogLevel.INFO
    )
    log_format: Annotated[LogFormat, Meta(description="`text` or `json`.")] = LogFormat.TEXT

    def shown(self) -> dict[str, Any]:
        """Every setting with its value; secrets and the passwords inside addresses are hidden."""
        return {name: _hide(name, value) for name, value in asdict(self).items()}

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.shown().items())})"

    @property
    def near_host(self) -> str:
        """Where this machine itself reaches what listens on `host`."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 — compared, not bound

    @property
    def url(self) -> str:
        """How browsers reach the server, without a slash at the end."""
        host = f"[{self.near_host}]" if ":" in self.near_host else self.near_host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys of visitor tokens: the first signs, all are accepted."""
        return tuple(key for key in re.split(r"[\s,]+", self.secret_key) if key)

    @property
    def identity_keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What may sign identities: secrets (HS256), and public keys as PEM (RS256)."""
        rest = PEM.sub(" ", self.identity_secret)
        public = tuple(PEM.findall(self.identity_secret))
        return tuple(one for one in re.split(r"[\s,]+", rest) if one), public


def _hide(name: str, value: Any) -> Any:
    if name in SECRET and value:
        return HIDDEN
    if name in WITH_PASSWORD and value:
        return without_password(value)
    return value


def without_password(url: str) -> str:
    """An address as it may be printed: `redis://:********@host/0`."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return HIDDEN
    shown = url.replace(f":{password}@", f":{HIDDEN}@", 1) if password else url
    return _PASSWORD_IN_QUERY.sub(HIDDEN, shown)
