"""Signatures of monitors over the body they send: HMAC-SHA256 with a secret that both sides know."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Final

_MOST: Final = 8  # signatures in one header: PagerDuty sends one for each of its secrets while they are changed
_PAGERDUTY: Final = re.compile(r"v1=([0-9a-fA-F]{64})")
_GITHUB: Final = re.compile(r"sha256=([0-9a-fA-F]{64})")


def sign(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of a body in hexadecimal."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def is_pagerduty(secret: str, body: bytes, header: str) -> bool:
    """Tell whether one of the signatures in `X-PagerDuty-Signature` (`v1=..., v1=...`) is right."""
    given = [_PAGERDUTY.fullmatch(part.strip()) for part in header.split(",")[:_MOST]]
    return any([_is_same(secret, body, match[1]) for match in given if match])  # noqa: C419 - all are compared


def is_github(secret: str, body: bytes, header: str) -> bool:
    """Tell whether `X-Hub-Signature-256` (`sha256=...`) is right."""
    match = _GITHUB.fullmatch(header.strip())
    return match is not None and _is_same(secret, body, match[1])


def is_plain(secret: str, body: bytes, header: str) -> bool:
    """Tell whether a header holds nothing but the signature in hexadecimal."""
    return re.fullmatch(r"[0-9a-fA-F]{64}", header.strip()) is not None and _is_same(secret, body, header.strip())


def _is_same(secret: str, body: bytes, given: str) -> bool:
    return hmac.compare_digest(sign(secret, body), given.lower())
