"""What every part of the gateway asks for: who calls, the site as it is, and a change carried out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import g, request

from stashgen import clock
from stashgen.check import Reading
from stashgen.gateway import addresses, auth
from stashgen.gateway.callers import NOBODY, Caller, objection
from stashgen.gateway.config import Scope, Setup
from stashgen.gateway.limits import Buckets
from stashgen.gateway.problems import Refusal
from stashgen.gateway.views import View
from stashgen.intents import Author, Intent
from stashgen.memo import Memo, cache_file
from stashgen.repository import Applied, Plan, Repository, Wishes

Verify = Callable[[str, bytes], bool]  # secret, body -> whether it is signed with it


class Gate:
    """The one way from a request to the repository."""

    def __init__(self, project: Path, environ: Mapping[str, str], setup: Setup) -> None:
        self.environ, self.project = environ, project
        self.repository = Repository(project, environ)
        self._memo = Memo(cache_file(project, environ))
        self._lock = threading.RLock()
        self.configure(setup)

    def configure(self, setup: Setup) -> None:
        """Take other settings from now on; what only counts at the start (address, threads) stays as it is."""
        limits = setup.config.limits
        self.setup = setup
        self.config = setup.config
        self.trusted = addresses.networks(setup.config.proxy.trusted)
        self.allowed = addresses.networks(setup.config.allow)
        self.requests = Buckets(limits.requests_per_minute, limits.burst)
        self.failures = Buckets(limits.failures_per_minute, limits.failures_per_minute)

    def now(self) -> dt.datetime:
        """Return the time."""
        return clock.current(self.environ)

    def reading(self) -> Reading:
        """Return the site as it is now."""
        with self._lock:
            return self.repository.read()

    def view(self) -> View:
        """Return the site as it is now, to be told of."""
        return View(self.project, self.reading().site, self.now(), self._memo)

    def push_state(self) -> str:
        """Return what becomes of a commit: `pending`, `done` or `none` where nothing is pushed."""
        return "pending" if self.config.push else "none"

    def origin(self) -> addresses.Origin:
        """Return where the current request comes from."""
        header = ", ".join(request.headers.getlist("X-Forwarded-For"))
        return addresses.origin(request.remote_addr or "", header, self.trusted)

    def base_url(self) -> str:
        """Return where the client of the current request found us, without a slash at the end."""
        return addresses.base_url(request.environ, self.config.url, self.origin())

    def caller(self, scope: Scope, *, is_public: bool = False) -> Caller:
        """Return who sent the current request; raise Refusal with 401 or 403 when nobody known, or one who may not.

        With `is_public` a request without credentials is let through, as NOBODY.
        """
        caller = self._known() or (NOBODY if is_public else None)
        if caller is None:
            raise Refusal(401, "log in with a token: `Authorization: Bearer ...`", headers=_challenge())
        if caller is not NOBODY and not is_public and not caller.may(scope):
            raise Refusal(403, f"`{caller.name}` lacks the scope `{scope}`")
        return self._admitted(caller)

    def signer(self, source: str, verify: Verify) -> Caller | None:
        """Return the monitor that signed the current request, None when the config has no secret for the source.

        Raises Refusal with 401 when the signature is not right.
        """
        webhook, secret = self.config.webhooks.get(source), self.setup.credentials.webhooks.get(source)
        if webhook is None or not secret:
            return None
        self._check_failures()
        if not verify(secret, request.get_data()):
            self._failed()
            raise Refusal(401, f"the signature of `{source}` is missing or wrong")
        return self._admitted(auth.signer(webhook, source))

    def apply(self, intent: Intent, caller: Caller, via: str, key: str = "") -> Applied:
        """Carry an intent out for a caller, if every service it touches is one of the caller's; see Repository.apply.

        Raises Refusal with 403 otherwise. It is looked at in the site as it is when the change is made.
        """

        def confirm(plan: Plan) -> None:
            if said := objection(caller, plan.before, intent):
                raise Refusal(403, said)

        author = Author(name=caller.name, via=via)
        with self._lock:
            return self.repository.apply(intent, author, Wishes(now=self.now(), key=key), confirm)

    def _known(self) -> Caller | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        self._check_failures()
        try:
            return auth.bearer(header, self.config.tokens)
        except auth.DeniedError as error:
            self._failed()
            raise Refusal(401, str(error), headers=_challenge()) from None

    def _admitted(self, caller: Caller) -> Caller:
        seconds = self.requests.take(f"name:{caller.name}" if caller.name else f"address:{self.origin().address}")
        if seconds:
            raise Refusal(429, "too many requests", headers={"Retry-After": str(seconds)})
        g.caller = caller.name
        return caller

    def _check_failures(self) -> None:
        if seconds := self.failures.wait(self.origin().address):
            raise Refusal(429, "too many failed log-ins from your address", headers={"Retry-After": str(seconds)})

    def _failed(self) -> None:
        self.failures.take(self.origin().address)


def _challenge() -> dict[str, str]:
    return {"WWW-Authenticate": auth.CHALLENGE}
