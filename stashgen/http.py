"""The door to the web: a request out, an answer in, with patience, retries and a bound on what is kept of it.

Proxies and certificates of one's own are taken from the environment as usual (HTTPS_PROXY, REQUESTS_CA_BUNDLE, netrc).
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError as LibraryError
from urllib3.util import Retry

from stashgen import __version__, clock
from stashgen.errors import StashgenError

MOST_BYTES: Final = 64 * 1024 * 1024  # no host takes larger files
_CHUNK: Final = 64 * 1024
_AGENT: Final = f"stashgen/{__version__}"
_BUSY: Final = (429, 502, 503, 504)
_WHOLE_ANSWER: Final = 6  # times the patience for one step: who sends a byte now and then is not waited for


class HttpError(StashgenError):
    """There was no answer; the text says whose, and why."""


class TooLargeError(HttpError):
    """There was more of an answer than is kept of any."""


class Answer(NamedTuple):
    """What came back; names of headers are in small letters, `url` is where redirects led.

    `certificate_until` is when the certificate that the answer came under ends; None without one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    certificate_until: dt.datetime | None = None


class Client:
    """Asks servers; may be used from several threads at once."""

    def __init__(self, *, seconds: float = 20.0, retries: int = 2) -> None:
        self._seconds = seconds
        # Nobody is waited for as long as a server would like: it may say "in an hour".
        self._retries = Retry(
            total=retries,
            backoff_factor=0.3,
            status_forcelist=_BUSY,
            allowed_methods=None,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        self._local = threading.local()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a URL past all caches on the way; raise HttpError where no answer comes."""
        return self._ask("GET", url, {"Cache-Control": "no-cache", **(headers or {})}, None)

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form; raise HttpError where no answer comes."""
        return self._ask("POST", url, {}, form)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Answer:
        deadline = clock.monotonic() + self._seconds * _WHOLE_ANSWER
        try:
            with self._session.request(
                method, url, headers={"User-Agent": _AGENT, **headers}, data=form, timeout=self._seconds, stream=True
            ) as answer:
                until = _certificate_until(answer)
                body = _bounded(answer, deadline)
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, names, body, answer.url, until)
        except (requests.RequestException, LibraryError, ValueError) as error:
            raise HttpError(f"{url}: {_reason(error)}") from error

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            for scheme in ("https://", "http://"):
                session.mount(scheme, _Adapter(max_retries=self._retries))
            self._local.session = session
        return session


class _Connection(HTTPSConnection):
    """Remembers the certificate that it was shown: when somebody asks, the socket may be closed."""

    certificate: Mapping[str, Any] | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, ssl.SSLSocket):
            self.certificate = self.sock.getpeercert()


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        super().init_poolmanager(*args, **keywords)
        self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _Pool}

    def proxy_manager_for(self, *args: Any, **keywords: Any) -> Any:
        manager = super().proxy_manager_for(*args, **keywords)
        manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _Pool}
        return manager


def _certificate_until(answer: requests.Response) -> dt.datetime | None:
    certificate = getattr(getattr(answer.raw, "connection", None), "certificate", None)
    if not certificate or "notAfter" not in certificate:
        return None
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), dt.UTC)


def _bounded(answer: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"{answer.url}: answers with more than {MOST_BYTES // 2**20} MiB")
        if clock.monotonic() > deadline:
            raise HttpError(f"{answer.url}: does not finish its answer in time")
    return bytes(body)


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"its certificate is not trusted ({_innermost(error)})"
    if isinstance(error, requests.Timeout):
        return "does not answer in time"
    if isinstance(error, requests.TooManyRedirects):
        return "leads round in circles"
    if isinstance(error, requests.ConnectionError):
        return f"cannot be reached ({_innermost(error)})"
    if isinstance(error, LibraryError):
        return f"breaks off its answer ({_innermost(error)})"
    return str(error)


def _innermost(error: BaseException) -> str:
    # requests wraps urllib3, which wraps the system's error: only the last one is in plain words.
    while True:
        inside = (getattr(error, "reason", None), *error.args, error.__cause__)
        inner = next((one for one in inside if isinstance(one, Exception)), None)
        if inner is None:
            return str(getattr(error, "strerror", None) or error)
        error = inner
