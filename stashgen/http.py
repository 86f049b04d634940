"""The door to the web: a request out, an answer in, with patience, retries and a bound on what is kept of it.

Proxies and certificates of one's own are taken from the environment as usual (HTTPS_PROXY, REQUESTS_CA_BUNDLE, netrc).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from stashgen import __version__
from stashgen.errors import StashgenError

MOST_BYTES: Final = 64 * 1024 * 1024  # no host takes larger files
_CHUNK: Final = 64 * 1024
_AGENT: Final = f"stashgen/{__version__}"
_BUSY: Final = (429, 502, 503, 504)


class HttpError(StashgenError):
    """There was no answer; the text says whose, and why."""


class Answer(NamedTuple):
    """What came back; names of headers are in small letters, `url` is where redirects led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Client:
    """Asks servers; may be used from several threads at once."""

    def __init__(self, *, seconds: float = 20.0, retries: int = 2) -> None:
        self._seconds = seconds
        self._retries = Retry(
            total=retries, backoff_factor=0.3, status_forcelist=_BUSY, allowed_methods=None, raise_on_status=False
        )
        self._local = threading.local()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a URL past all caches on the way; raise HttpError where no answer comes."""
        return self._ask("GET", url, {"Cache-Control": "no-cache", **(headers or {})}, None)

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form; raise HttpError where no answer comes."""
        return self._ask("POST", url, {}, form)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Answer:
        try:
            with self._session.request(
                method, url, headers={"User-Agent": _AGENT, **headers}, data=form, timeout=self._seconds, stream=True
            ) as answer:
                body = _bounded(answer)
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, names, body, answer.url)
        except (requests.RequestException, ValueError) as error:
            raise HttpError(f"{url}: {_reason(error)}") from error

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=self._retries))
            self._local.session = session
        return session


def _bounded(answer: requests.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise HttpError(f"{answer.url}: answers with more than {MOST_BYTES // 2**20} MiB")
    return bytes(body)


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"its certificate is not trusted ({_innermost(error)})"
    if isinstance(error, requests.Timeout):
        return "does not answer in time"
    if isinstance(error, requests.ConnectionError):
        return f"cannot be reached ({_innermost(error)})"
    return str(error)


def _innermost(error: BaseException) -> str:
    # requests wraps urllib3, which wraps the system's error: only the last one is in plain words.
    while True:
        inner = getattr(error, "reason", None) or next((one for one in error.args if isinstance(one, Exception)), None)
        if not isinstance(inner, Exception):
            return str(getattr(error, "strerror", None) or error)
        error = inner
