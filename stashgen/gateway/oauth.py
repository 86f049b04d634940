"""Signatures of OAuth 1.0a (RFC 5849, HMAC-SHA1), as the old clients of Stashboard make them, verified by oauthlib.

The keys may stand in the header, in a form or in the query: all three were in use. A signature counts once: its nonce
is kept for as long as its time is accepted, over restarts too.
"""

from __future__ import annotations

import base64
import datetime as dt
from hashlib import sha1
from typing import Any, Final, NamedTuple

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, RequestValidator
from oauthlib.oauth1.rfc5849.endpoints import ResourceEndpoint

from stashgen.gateway import auth
from stashgen.gateway.auth import DeniedError
from stashgen.gateway.callers import Caller
from stashgen.gateway.config import Setup
from stashgen.repository.state import State

FORM: Final = "application/x-www-form-urlencoded"
PREFIX: Final = "oauth_"  # of all parameters of a signature (RFC 5849)
_HASH: Final = f"{PREFIX}body_hash"
_NONCES: Final = "oauth-nonces"
_LONGEST: Final = 200  # of a key or nonce
_FOR_EVER: Final = 10**10  # the time is compared by ourselves, with the clock that everything here goes by
_NOBODY: Final = "nobody"


class Signed(NamedTuple):
    """A request as its signature covers it."""

    url: str  # with the query
    method: str
    authorization: str
    form: str  # the body if it is a form: its parameters are signed
    data: bytes  # the body, whatever it is


def is_signed(authorization: str, query: str, form: str) -> bool:
    """Tell whether a request carries the keys of OAuth anywhere."""
    return authorization[:6].lower() == "oauth " or "oauth_signature=" in query or "oauth_signature=" in form


class Verifier:
    """Knows the clients of a config, and which signatures have been used."""

    def __init__(self, setup: Setup, state: State) -> None:
        self._setup, self._state = setup, state
        self._endpoint = ResourceEndpoint(_Validator(setup))

    def caller(self, signed: Signed, now: dt.datetime) -> Caller:
        """Return who signed a request; raise DeniedError when nobody known did, not now, or it was seen before."""
        try:
            headers = {"Content-Type": FORM}
            if signed.authorization:
                headers["Authorization"] = signed.authorization
            is_valid, request = self._endpoint.validate_protected_resource_request(
                signed.url, signed.method, signed.form, headers
            )
        except ValueError:
            is_valid, request = False, None
        if request is None or not request.timestamp:
            raise DeniedError("the OAuth parameters cannot be read")
        window = dt.timedelta(seconds=self._setup.config.limits.clock_seconds)
        if not is_valid:
            raise DeniedError("the OAuth signature is wrong, or its keys are unknown")
        if signed.data and not request.decoded_body and _body_hash(signed.data) != request.oauth_params.get(_HASH):
            raise DeniedError("the OAuth signature does not cover the body: send a form, or sign `oauth_body_hash`")
        at = dt.datetime.fromtimestamp(int(request.timestamp), dt.UTC)
        if abs(now - at) > window:
            raise DeniedError(f"the OAuth timestamp is off by more than {window.seconds} seconds: mind the clock")
        name = _named(self._setup, request.client_key, request.resource_owner_key)
        seen = f"{name}/{request.timestamp}/{request.nonce}"
        # Only now: a stranger cannot use up the nonces of others, nor fill the disk.
        if not self._state.add(_NONCES, seen, b"", at + 2 * window):
            raise DeniedError("the OAuth nonce has been used: sign every request anew")
        return auth.of(self._setup.config.oauth[name], name)


class _Validator(RequestValidator):
    """What oauthlib asks; the stand-ins keep the time of an answer the same for unknown keys."""

    enforce_ssl = False  # the proxy's matter
    allowed_signature_methods = (SIGNATURE_HMAC_SHA1,)
    timestamp_lifetime = _FOR_EVER
    dummy_client = _NOBODY
    dummy_access_token = _NOBODY

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self._setup = setup

    def check_client_key(self, client_key: str) -> bool:
        return 0 < len(client_key) <= _LONGEST

    def check_access_token(self, request_token: str) -> bool:
        return 0 < len(request_token) <= _LONGEST

    def check_nonce(self, nonce: str) -> bool:
        return 0 < len(nonce) <= _LONGEST

    def validate_timestamp_and_nonce(self, *_: Any, **__: Any) -> bool:
        return True  # looked at once the signature is known to be right

    def validate_client_key(self, client_key: str, _request: object) -> bool:
        return any(client.consumer_key == client_key for client in self._setup.config.oauth.values())

    def validate_access_token(self, client_key: str, token: str, _request: object) -> bool:
        return _named(self._setup, client_key, token) in self._setup.config.oauth

    def validate_realms(self, *_: Any, **__: Any) -> bool:
        return True

    def get_client_secret(self, client_key: str, request: Any) -> str:
        name = _named(self._setup, client_key, request.resource_owner_key)
        return self._setup.credentials.oauth.get(name, (_NOBODY, _NOBODY))[0]

    def get_access_token_secret(self, client_key: str, token: str, _request: object) -> str:
        return self._setup.credentials.oauth.get(_named(self._setup, client_key, token), (_NOBODY, _NOBODY))[1]


def _body_hash(data: bytes) -> str:
    # The extension by which libraries sign bodies that are no forms; OAuth leaves these out.
    return base64.b64encode(sha1(data).digest()).decode()  # noqa: S324 - as it is defined


def _named(setup: Setup, client_key: str, token: str) -> str:
    for name, client in setup.config.oauth.items():
        if (client.consumer_key, client.token) == (client_key, token):
            return name
    return ""
