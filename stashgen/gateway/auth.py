"""From the header `Authorization` to a caller: a bearer token, the same token as a password, or an OAuth signature."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

from stashgen.gateway import tokens
from stashgen.gateway.callers import Caller
from stashgen.gateway.config import OAuthClient, Token, Webhook

# What a client is told that must log in; nothing of ours is in it that browsers would ask a person for.
CHALLENGE: Final = 'Bearer realm="stashgen", Basic realm="stashgen", charset="UTF-8"'
_QUERY_SECRETS: Final = frozenset({"access_token", "api_key", "apikey", "password", "auth"})


class DeniedError(Exception):
    """Credentials that are none of ours; the text says why, without repeating them."""


def of(record: Token | OAuthClient, name: str) -> Caller:
    """Return the caller that an entry of the config describes."""
    return Caller(name=name, scopes=frozenset(record.scopes), services=_limit(record.services))


def signer(record: Webhook, name: str) -> Caller:
    """Return the caller that a monitor is whose signature was right."""
    return Caller(name=name, scopes=frozenset({"events"}), services=_limit(record.services))


def bearer(authorization: str, known: Mapping[str, Token]) -> Caller | None:
    """Return whose token a header carries, None when it carries no token; raise DeniedError for one that is unknown."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return _owner(rest.strip(), known)
    if scheme.lower() == "basic":
        return _owner(_password(rest.strip()), known)
    return None


def leaked(query: Mapping[str, str]) -> str | None:
    """Return the parameter of a query that holds a token: addresses are written into logs everywhere."""
    for name, value in query.items():
        if name.lower() in _QUERY_SECRETS or tokens.PATTERN.search(value):
            return name
    return None


def masked(text: str) -> str:
    """Return a text without tokens."""
    return re.sub(tokens.PATTERN, f"{tokens.PREFIX}***", text)


def _owner(token: str, known: Mapping[str, Token]) -> Caller:
    name = tokens.find(token, known)
    if name is None:
        raise DeniedError("the token is unknown")
    return of(known[name], name)


def _password(encoded: str) -> str:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise DeniedError("the header `Authorization: Basic` is not readable") from None
    return text.partition(":")[2]


def _limit(services: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if services is None else frozenset(services)
