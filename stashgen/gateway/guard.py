"""Who stands before the gate: where the current request comes from, who sent it, and whether that one may."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from flask import g, request

from stashgen.gateway import addresses, auth, oauth
from stashgen.gateway.callers import NOBODY, Caller
from stashgen.gateway.config import Scope, Setup
from stashgen.gateway.limits import Buckets
from stashgen.gateway.metrics import Metrics
from stashgen.gateway.problems import Refusal
from stashgen.repository.state import State

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_log: Final = logging.getLogger("stashgen.gateway")
Verify = Callable[[str, bytes], bool]  # secret, body -> whether it is signed with it


class Guard:
    """Knows callers by what they show, and counts how often they ask; it has to be configured first."""

    def __init__(self, state: State, metrics: Metrics, now: Callable[[], dt.datetime]) -> None:
        self._state, self._metrics, self._now = state, metrics, now
        self._has_warned = False

    def configure(self, setup: Setup) -> None:
        """Take other settings from now on."""
        limits = setup.config.limits
        self._config, self._credentials = setup.config, setup.credentials
        self._verifier = oauth.Verifier(setup, self._state)
        self._trusted = addresses.networks(setup.config.proxy.trusted)
        self._allowed = addresses.networks(setup.config.allow)
        self._hosts = frozenset(name.lower() for name in setup.config.hosts)
        self._requests = Buckets(limits.requests_per_minute, limits.burst)
        self._addresses = Buckets(limits.address_per_minute, max(1, limits.address_per_minute // 5))
        self._failures = Buckets(limits.failures_per_minute, limits.failures_per_minute)

    def origin(self) -> addresses.Origin:
        """Return where the current request comes from."""
        header = ", ".join(request.headers.getlist("X-Forwarded-For"))
        return addresses.origin(request.remote_addr or "", header, self._trusted)

    def base_url(self) -> str:
        """Return where the client of the current request found us, without a slash at the end."""
        return addresses.base_url(request.environ, self._config.url, self.origin())

    def caller(self, scope: Scope, *, is_public: bool = False) -> Caller:
        """Return who sent the current request; raise Refusal with 401 or 403 when nobody known, or one who may not.

        With `is_public` everybody is let through; who may not by a scope of its own, as NOBODY.
        """
        if request.method not in _SAFE and self._is_foreign():
            raise Refusal(403, "pages of other sites may not write")
        caller = self._known() or (NOBODY if is_public else None)
        if caller is None:
            raise Refusal(401, "log in with a token: `Authorization: Bearer ...`", headers=_challenge())
        if not is_public and not caller.may(scope):
            raise Refusal(403, f"`{caller.name}` lacks the scope `{scope}`")
        self._admitted(caller)
        return caller if caller.may(scope) else NOBODY

    def admit(self) -> None:
        """Let the current request in, whoever sends it, as long as its address may ask and it asks for us.

        Raises Refusal with 403 or 429 for the address, 400 or 421 for the name that is asked, 400 for tokens where
        logs keep them.
        """
        origin = self.origin()
        if self._allowed and not addresses.contains(self._allowed, origin.address):
            raise Refusal(403, "your address is not allowed here")
        if seconds := self._addresses.take(origin.bucket):
            self._metrics.count("rate_limited_total")
            raise Refusal(429, "too many requests from your address", headers={"Retry-After": str(seconds)})
        self._check_host()
        if name := auth.leaked(request.args):
            raise Refusal(
                400, f"the query holds a token in `{name}`: send it in the header `Authorization`, and make a new one"
            )
        if "X-Forwarded-For" in request.headers and not origin.is_proxied and not self._has_warned:
            self._has_warned = True
            _log.warning(
                "%s sends X-Forwarded-For: if that is a proxy of yours, name it in proxy.trusted", origin.address
            )

    def anybody(self) -> None:
        """Count a request for what everybody may read: how it is signed is not looked at. Raises Refusal with 429."""
        self._admitted(NOBODY)

    def signer(self, source: str, verify: Verify) -> Caller | None:
        """Return the monitor that signed the current request, None when the config has no secret for the source.

        Raises Refusal with 401 when the signature is not right.
        """
        webhook, secret = self._config.webhooks.get(source), self._credentials.webhooks.get(source)
        if webhook is None or not secret:
            return None
        self._check_failures()
        if not verify(secret, request.get_data()):
            self._failed()
            raise Refusal(401, f"the signature of `{source}` is missing or wrong")
        return self._admitted(auth.signer(webhook, source))

    def _check_host(self) -> None:
        host = addresses.host_name(request.host)
        if host is None:
            raise Refusal(400, "the header `Host` is no name or address")
        if self._hosts and host not in self._hosts and request.host.lower() not in self._hosts:
            raise Refusal(421, "this gateway is not asked by that name")

    def _is_foreign(self) -> bool:
        """Tell whether a browser sends this for a page of another site, with a password that it remembers for ours."""
        origin, own = request.headers.get("Origin"), urlsplit(self.base_url())
        is_apart = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        return is_apart or origin not in (None, f"{own.scheme}://{own.netloc}")

    def _known(self) -> Caller | None:
        header = request.headers.get("Authorization", "")
        is_signed = bool(self._config.oauth) and oauth.is_signed(header, _query(), _form())
        if not header and not is_signed:
            return None
        self._check_failures()
        try:
            if is_signed:
                return self._verifier.caller(self._signed(), self._now())
            return auth.bearer(header, self._config.tokens)
        except auth.DeniedError as error:
            self._failed()
            raise Refusal(401, str(error), headers=_challenge()) from None

    def _signed(self) -> oauth.Signed:
        # The path as it was sent: what is escaped in it is signed escaped.
        path = str(request.environ.get("REQUEST_URI") or quote(request.path)).partition("?")[0]
        url = self.base_url() + "/" + path.lstrip("/")
        return oauth.Signed(
            url=f"{url}?{_query()}" if _query() else url,
            method=request.method,
            authorization=request.headers.get("Authorization", ""),
            form=_form(),
            data=request.get_data(),
        )

    def _admitted(self, caller: Caller) -> Caller:
        seconds = self._requests.take(f"name:{caller.name}" if caller.name else f"address:{self.origin().bucket}")
        if seconds:
            self._metrics.count("rate_limited_total")
            raise Refusal(429, "too many requests", headers={"Retry-After": str(seconds)})
        g.caller = caller.name
        return caller

    def _check_failures(self) -> None:
        if seconds := self._failures.wait(self.origin().bucket):
            self._metrics.count("rate_limited_total")
            raise Refusal(429, "too many failed log-ins from your address", headers={"Retry-After": str(seconds)})

    def _failed(self) -> None:
        self._metrics.count("auth_failures_total")
        self._failures.take(self.origin().bucket)


def _query() -> str:
    return str(request.query_string, "latin-1")


def _form() -> str:
    # Who does not say what it sends sends a form, as it did with Stashboard.
    is_form = request.mimetype in ("", oauth.FORM)
    return str(request.get_data(), "utf-8", "replace") if is_form else ""


def _challenge() -> dict[str, str]:
    return {"WWW-Authenticate": auth.CHALLENGE}
