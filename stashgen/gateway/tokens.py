"""Bearer tokens: made here once, kept only as a hash.

A token is 256 bits from the system's generator. Nobody guesses that, however fast the hash is: the slow hashes for
passwords would only make every request slow. The prefix lets scanners of repositories and logs find one that leaked.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from stashgen.gateway.config import Token

PREFIX: Final = "stg_"
_BYTES: Final = 32
PATTERN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def new() -> str:
    """Return a new token."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """Return what of a token stands in the config."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def find(token: str, tokens: Mapping[str, Token]) -> str | None:
    """Return the name of a token; every one is looked at in full, so that time tells nothing."""
    wanted, found = digest(token), None
    for name, known in tokens.items():
        if hmac.compare_digest(known.sha256, wanted):
            found = name
    return found
