"""What every part of the gateway asks for: who calls, the site as it is, and a change carried out."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from flask import g, request

from stashgen import clock
from stashgen.automation import Outcome
from stashgen.check import Reading
from stashgen.errors import StashgenError
from stashgen.gateway import addresses, auth, oauth
from stashgen.gateway.callers import NOBODY, Caller, aims, objection, touched
from stashgen.gateway.config import Scope, Setup
from stashgen.gateway.limits import Buckets
from stashgen.gateway.metrics import Metrics
from stashgen.gateway.problems import Refusal
from stashgen.gateway.pushing import Pusher
from stashgen.gateway.views import View
from stashgen.gateway.waiting import Waiter
from stashgen.git import Git, find
from stashgen.intake import Intake
from stashgen.intents import Author, Intent, Signal
from stashgen.memo import Memo, cache_file
from stashgen.model import Site
from stashgen.repository import Applied, Plan, Repository, Wishes

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TURN_SECONDS: Final = 20
_log: Final = logging.getLogger("stashgen.gateway")
Verify = Callable[[str, bytes], bool]  # secret, body -> whether it is signed with it


class Gate:
    """The one way from a request to the repository."""

    def __init__(self, project: Path, environ: Mapping[str, str], setup: Setup) -> None:
        self.environ, self.project = environ, project
        self.repository = Repository(project, environ)
        self._memo = Memo(cache_file(project, environ))
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self.metrics = Metrics()
        self.pusher: Pusher | None = None
        self._has_warned = False
        self._intake = Intake(self.repository, Repository(project, environ), "webhook")
        self._waiter: Waiter | None = None
        self.configure(setup)

    def configure(self, setup: Setup) -> None:
        """Take other settings from now on; what only counts at the start (address, threads) stays as it is."""
        limits = setup.config.limits
        self.setup = setup
        self.config = setup.config
        self._verifier = oauth.Verifier(setup, self.repository.state)
        self.trusted = addresses.networks(setup.config.proxy.trusted)
        self.allowed = addresses.networks(setup.config.allow)
        self.hosts = frozenset(name.lower() for name in setup.config.hosts)
        self.requests = Buckets(limits.requests_per_minute, limits.burst)
        self.addresses = Buckets(limits.address_per_minute, max(1, limits.address_per_minute // 5))
        self.failures = Buckets(limits.failures_per_minute, limits.failures_per_minute)

    def start(self) -> None:
        """Settle what a kill left half done, and begin to push, if there is a remote and the config does not say no.

        Raises StashgenError where there is no repository.
        """
        program = Git(self.project, self.environ)
        if find(program) is None:
            raise StashgenError(f"{self.project} is not in a git repository: every change is to be a commit of one")
        self.repository.recover()
        if self.config.push and program.run("remote").text:
            self.pusher = Pusher(Repository(self.project, self.environ), self.metrics, self.now)
            self.pusher.pull_seconds = self.config.pull_seconds
            self.pusher.start()

        self._waiter = Waiter(self._do_what_is_due, self.now)
        self._waiter.start()

    def stop(self, seconds: float) -> None:
        """Stop pushing and waiting: what is pending, or due later, is for the next one who starts."""
        if self._waiter is not None:
            self._waiter.stop(seconds)
        if self.pusher is not None:
            self.pusher.stop(seconds)

    def now(self) -> dt.datetime:
        """Return the time."""
        return clock.current(self.environ)

    def reading(self) -> Reading:
        """Return the site as it is now."""
        with self._reading:
            return self.repository.read()

    def view(self, caller: Caller) -> View:
        """Return the site as it is now, as a caller may see it."""
        return View(self.project, self.reading().site, self.now(), self._memo, has_hidden=caller is not NOBODY)

    def push_state(self, applied: Applied) -> str:
        """Return what becomes of a change: `pending`, `done` or `none` where nothing is to be pushed."""
        if self.pusher is None or applied.commit is None:
            return "none"
        # What has only just been committed has not been pushed yet: no need to ask.
        is_waiting = not applied.is_repeated or applied.commit in {one.commit for one in self.repository.pending()}
        return "pending" if is_waiting else "done"

    def origin(self) -> addresses.Origin:
        """Return where the current request comes from."""
        header = ", ".join(request.headers.getlist("X-Forwarded-For"))
        return addresses.origin(request.remote_addr or "", header, self.trusted)

    def base_url(self) -> str:
        """Return where the client of the current request found us, without a slash at the end."""
        return addresses.base_url(request.environ, self.config.url, self.origin())

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
        """Let the current request in, whoever sends it; raise Refusal with 403 or 429 when its address may not ask."""
        origin = self.origin()
        if self.allowed and not addresses.contains(self.allowed, origin.address):
            raise Refusal(403, "your address is not allowed here")
        if seconds := self.addresses.take(origin.address):
            self.metrics.count("rate_limited_total")
            raise Refusal(429, "too many requests from your address", headers={"Retry-After": str(seconds)})
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

        Raises Refusal with 403 otherwise, and with 503 when others keep the repository busy. With a key the same
        intent is carried out once, on every clone; a change that needs an id gets one that no other clone gives.
        """

        def confirm(plan: Plan) -> None:
            _check(objection(caller, plan.before, touched(plan)))

        if caller.services is not None:
            site = self.reading().site
            _check(objection(caller, site, aims(intent, site)))
        wishes = Wishes(has_commit=True, key=key, has_suffix=True)
        with self._turn(), self._counted(via):
            applied = self.repository.apply(
                intent, Author(name=caller.name, via=via), wishes, None if caller.services is None else confirm
            )
        self.metrics.count("changes_total" if applied.commit else "unchanged_total", via=via)
        if applied.commit and not applied.is_repeated and self.pusher is not None:
            self.pusher.wake()
        return applied

    def deliver(self, read: Callable[[Site], Sequence[Signal]], caller: Caller) -> list[Outcome]:
        """Take in what a monitor says; see Intake.deliver."""
        with self._counted("webhook"):
            told = self._intake.deliver(read, caller.name, self.now())
        for one in told:
            self.metrics.count("alerts_total", outcome=one.what)
        self._committed(told)
        if self._waiter is not None and any(one.what == "held" for one in told):
            self._waiter.wake()
        return told

    def _do_what_is_due(self) -> dt.datetime | None:
        self._committed(self._intake.settle(self.now()).values())
        return self._intake.next_due()

    def _committed(self, told: Iterable[Outcome]) -> None:
        if self.pusher is not None and any(one.event is not None for one in told):
            self.pusher.wake()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=_TURN_SECONDS):
            raise Refusal(503, "others are changing the page; nothing has changed", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _counted(self, via: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            self.metrics.count("refused_changes_total", via=via)
            raise

    def _is_foreign(self) -> bool:
        """Tell whether a browser sends this for a page of another site, with a password that it remembers for ours."""
        origin = request.headers.get("Origin")
        is_apart = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        return is_apart or (
            origin is not None and origin != "{0.scheme}://{0.netloc}".format(urlsplit(self.base_url()))
        )

    def _known(self) -> Caller | None:
        header = request.headers.get("Authorization", "")
        is_signed = bool(self.config.oauth) and oauth.is_signed(header, _query(), _form())
        if not header and not is_signed:
            return None
        self._check_failures()
        try:
            if is_signed:
                return self._verifier.caller(self._signed(), self.now())
            return auth.bearer(header, self.config.tokens)
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
        seconds = self.requests.take(f"name:{caller.name}" if caller.name else f"address:{self.origin().address}")
        if seconds:
            self.metrics.count("rate_limited_total")
            raise Refusal(429, "too many requests", headers={"Retry-After": str(seconds)})
        g.caller = caller.name
        return caller

    def _check_failures(self) -> None:
        if seconds := self.failures.wait(self.origin().address):
            self.metrics.count("rate_limited_total")
            raise Refusal(429, "too many failed log-ins from your address", headers={"Retry-After": str(seconds)})

    def _failed(self) -> None:
        self.metrics.count("auth_failures_total")
        self.failures.take(self.origin().address)


def _check(objection_: str) -> None:
    if objection_:
        raise Refusal(403, objection_)


def _query() -> str:
    return str(request.query_string, "latin-1")


def _form() -> str:
    # Who does not say what it sends sends a form, as it did with Stashboard.
    is_form = request.mimetype in ("", oauth.FORM)
    return str(request.get_data(), "utf-8", "replace") if is_form else ""


def _challenge() -> dict[str, str]:
    return {"WWW-Authenticate": auth.CHALLENGE}
