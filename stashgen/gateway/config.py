"""The gateway's settings: a YAML file outside site-data, read as strictly as site-data is.

Secrets do not stand in it: of a token only the hash, of every other secret where to find it (a variable or a file).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from stashgen import yamlio
from stashgen.errors import DataError, Field, Finding, Problem
from stashgen.load import convert
from stashgen.model import Line, Record, Ref, Url

Scope = Literal["read", "events", "services", "admin"]
DEFAULT_LISTEN: Final = "127.0.0.1:8090"
_READABLE_BY_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
LISTEN_PATTERN: Final = "^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/]+):[0-9]{1,5}$(?!\\n)"
_HASH_PATTERN: Final = "^[0-9a-f]{64}$(?!\\n)"
NAME_PATTERN: Final = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$(?!\\n)"
_VARIABLE_PATTERN: Final = "^[A-Za-z_][A-Za-z0-9_]*$(?!\\n)"

# Names stand in commits, logs and metrics: nothing in them needs escaping anywhere.
Name = Annotated[str, Meta(pattern=NAME_PATTERN, extra={"form": "a name: letters, digits and `._@-`"})]
Listen = Annotated[str, Meta(pattern=LISTEN_PATTERN, extra={"form": "HOST:PORT, such as `127.0.0.1:8090`"})]
Hash = Annotated[
    str, Meta(pattern=_HASH_PATTERN, extra={"form": "a hash: 64 hexadecimal digits, as `stashgen token new` prints it"})
]
Variable = Annotated[str, Meta(pattern=_VARIABLE_PATTERN, extra={"form": "the name of an environment variable"})]


# fmt: off
class Secret(Record, frozen=True, kw_only=True):
    """Where a secret is found: give one of the two."""

    env: Annotated[Variable | None, Meta(description="Environment variable that holds it.")] = None
    file: Annotated[Line | None, Meta(description="File that holds it, relative to the config file; a line end at its end does not count.")] = None


class Token(Record, frozen=True, kw_only=True):
    """A bearer token, by the name that commits tell; `stashgen token new` makes one."""

    sha256: Annotated[Hash, Meta(description="SHA-256 of the token in hexadecimal. The token itself is 256 random bits, so nothing slower is needed.")]
    scopes: Annotated[tuple[Scope, ...], Meta(description="What it may do: `read` what is not public, `events` to tell of incidents, maintenances, notices and statuses, `services` to change services, groups and statuses themselves, `admin` all.")]
    services: Annotated[tuple[Ref, ...] | None, Meta(description="The only services it may speak of; empty: all.")] = None


class OAuthClient(Record, frozen=True, kw_only=True):
    """Keys of an old client of Stashboard that signs with OAuth 1.0a (HMAC-SHA1), by the name that commits tell."""

    consumer_key: Annotated[Line, Meta(description="Its consumer key.")] = "anonymous"
    consumer_secret: Annotated[Secret | None, Meta(description="Its consumer secret; empty: the word `anonymous`, as Stashboard has it.")] = None
    token: Annotated[Line, Meta(description="Its access token.")]
    token_secret: Annotated[Secret, Meta(description="The secret of the access token.")]
    scopes: Annotated[tuple[Scope, ...], Meta(description="As for tokens.")] = ("read", "events", "services")
    services: Annotated[tuple[Ref, ...] | None, Meta(description="As for tokens.")] = None


class Webhook(Record, frozen=True, kw_only=True):
    """A monitor that signs what it sends, by the name of its source."""

    secret: Annotated[Secret, Meta(description="What it signs with.")]
    services: Annotated[tuple[Ref, ...] | None, Meta(description="As for tokens.")] = None


class Proxy(Record, frozen=True, kw_only=True):
    """The reverse proxies in front; without any, nothing that a client says of itself is believed."""

    trusted: Annotated[tuple[Line, ...], Meta(description="Addresses or networks of the proxies themselves, such as `127.0.0.1` or `10.0.0.0/8`; only what these add to `X-Forwarded-For` is believed.")] = ()


class Limits(Record, frozen=True, kw_only=True):
    """How much is too much."""

    body_bytes: Annotated[int, Meta(ge=1024, le=67_108_864, description="Largest body.")] = 1_048_576
    payload_bytes: Annotated[int, Meta(ge=1024, le=67_108_864, description="Largest body of a monitor: Alertmanager sends thousands of alerts at once.")] = 16_777_216
    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000, description="Requests of one token, signer or anonymous address.")] = 600
    burst: Annotated[int, Meta(ge=1, le=1_000_000, description="How many of these may come at once.")] = 120
    address_per_minute: Annotated[int, Meta(ge=1, le=1_000_000, description="Requests of one address, looked at before anybody has logged in; a fifth of them may come at once.")] = 3000
    failures_per_minute: Annotated[int, Meta(ge=1, le=1_000_000, description="Failed log-ins of one address (of IPv6: one network of 64 bits), after which it waits.")] = 30
    connections: Annotated[int, Meta(ge=1, le=10_000, description="Open connections.")] = 200
    threads: Annotated[int, Meta(ge=1, le=64, description="Requests answered at the same time; changes themselves are made one after another.")] = 8
    idle_seconds: Annotated[int, Meta(ge=1, le=3600, description="After so long without a byte a connection is closed.")] = 30
    clock_seconds: Annotated[int, Meta(ge=1, le=3600, description="How far the time in an OAuth signature may be off.")] = 300


class Config(Record, frozen=True, kw_only=True):
    """gateway.yaml: who may change the page through `stashgen gateway`, and how."""

    listen: Annotated[Listen, Meta(description="Address and port; port 0 takes a free one. Keep it on the loopback and put a proxy with TLS before it.")] = DEFAULT_LISTEN
    url: Annotated[Url | None, Meta(description="Where clients find the gateway, such as `https://status-api.example.com`: OAuth signatures are checked against it, links begin with it; empty: what the request says.")] = None
    tokens: Annotated[dict[Name, Token], Meta(description="Bearer tokens by name.")] = {}
    oauth: Annotated[dict[Name, OAuthClient], Meta(description="Old clients of Stashboard that sign with OAuth, by name.")] = {}
    webhooks: Annotated[dict[Name, Webhook], Meta(description="Monitors that sign what they send, by source, such as `pagerduty` or `github`.")] = {}
    public_read: Annotated[bool, Meta(description="True lets anybody read through the own API what the page shows, so no hidden services; else that needs the scope `read`. Stashboard's API is read by anybody, as it always was.")] = False
    public_health: Annotated[bool, Meta(description="False: `/healthz` needs the scope `read`.")] = True
    public_metrics: Annotated[bool, Meta(description="True: `/metrics` needs no token; else the scope `read`.")] = False
    allow: Annotated[tuple[Line, ...], Meta(description="Addresses or networks that may ask at all; empty: all.")] = ()
    hosts: Annotated[tuple[Line, ...], Meta(description="Names by which the gateway may be asked (the Host header); empty: any.")] = ()
    proxy: Annotated[Proxy, Meta(description="The reverse proxies in front.")] = Proxy()
    limits: Annotated[Limits, Meta(description="How much is too much.")] = Limits()
    push: Annotated[bool, Meta(description="False commits only; somebody else pushes.")] = True
    pull_seconds: Annotated[int, Meta(ge=5, le=86_400, description="How often the gateway looks at the remote for what others have pushed.")] = 60
# fmt: on


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets that a config names, looked up; never printed."""

    oauth: Mapping[str, tuple[str, str]] = {}  # name of a client -> consumer secret, token secret
    webhooks: Mapping[str, str] = {}  # source -> what it signs with

    def __repr__(self) -> str:
        """Say nothing: this may end up in a traceback."""
        return "Credentials(...)"


class Setup(NamedTuple):
    """A config that can be used."""

    config: Config
    credentials: Credentials
    problems: tuple[Problem, ...]  # warnings


def read(path: Path, environ: Mapping[str, str]) -> Setup:
    """Read a config file and the secrets that it names; raise DataError with all that is wrong, OSError without one."""
    data, name = path.read_bytes(), path.as_posix()
    parsed = yamlio.parse(data, name, convert.shape(Config), dt.UTC)
    problems = [*parsed.problems, *_about_mode(path, name)]
    findings: list[Finding] = []
    config = Config()
    if parsed.value is not None:
        findings = convert.complaints(parsed.value, Config)
    if parsed.value is not None and not findings:
        config = msgspec.convert(parsed.value, Config)
        findings = [*_about_networks(config), *_about_names(config)]
    credentials, missing = _credentials(config, path.parent, environ)
    findings += missing
    problems += yamlio.place(data, name, findings) if findings else []
    if any(problem.severity == "error" for problem in problems):
        raise DataError(problems)
    return Setup(config, credentials, tuple(problems))


def _about_mode(path: Path, name: str) -> Iterator[Problem]:
    mode = path.stat().st_mode
    if mode & _READABLE_BY_OTHERS:
        message = f"may be read or changed by others (mode {stat.S_IMODE(mode):o}): `chmod 600` keeps them out"
        yield Problem(path=name, message=message, severity="warning")


def _about_networks(config: Config) -> Iterator[Finding]:
    lists: tuple[tuple[Field, tuple[str, ...]], ...] = (
        (("allow",), config.allow),
        (("proxy", "trusted"), config.proxy.trusted),
    )
    for field, networks in lists:
        for index, text in enumerate(networks):
            try:
                ipaddress.ip_network(text)
            except ValueError as error:
                yield Finding((*field, index), f"is no address or network: {error}")


def _about_names(config: Config) -> Iterator[Finding]:
    """Yield two entries that one could not tell apart."""
    seen: dict[Any, str] = {}
    for name, token in config.tokens.items():
        if (first := seen.setdefault(token.sha256, name)) != name:
            yield Finding(("tokens", name, "sha256"), f"is the token of `{first}` too: make one for each")
        if not token.scopes:
            yield Finding(("tokens", name, "scopes"), "is empty: it may do nothing", severity="warning")
    for name, client in config.oauth.items():
        if (first := seen.setdefault((client.consumer_key, client.token), name)) != name:
            yield Finding(("oauth", name, "token"), f"is the token of `{first}` too")
        if name in config.tokens:
            yield Finding(("oauth", name), "is the name of a token too: commits could not tell them apart")


def _credentials(config: Config, folder: Path, environ: Mapping[str, str]) -> tuple[Credentials, list[Finding]]:
    findings: list[Finding] = []

    def look_up(secret: Secret, *field: str) -> str:
        try:
            return _secret(secret, folder, environ)
        except LookupError as error:
            findings.append(Finding(field, str(error.args[0])))
            return ""

    oauth = {}
    for name, client in config.oauth.items():
        consumer = (
            look_up(client.consumer_secret, "oauth", name, "consumer_secret") if client.consumer_secret else "anonymous"
        )
        oauth[name] = (consumer, look_up(client.token_secret, "oauth", name, "token_secret"))
    webhooks = {name: look_up(webhook.secret, "webhooks", name, "secret") for name, webhook in config.webhooks.items()}
    return Credentials(oauth=oauth, webhooks=webhooks), findings


def _secret(secret: Secret, folder: Path, environ: Mapping[str, str]) -> str:
    if (secret.env is None) == (secret.file is None):
        raise LookupError("needs either `env` or `file`")
    if secret.env is not None:
        found = environ.get(secret.env, "")
        origin = f"the environment variable {secret.env}"
    else:
        origin = f"the file {secret.file}"
        try:
            found = (folder / str(secret.file)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise LookupError(f"{origin} cannot be read: {reason}") from error
    if not found:
        raise LookupError(f"{origin} is empty or not set")
    return found
