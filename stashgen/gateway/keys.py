"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a request that is sent again gets its answer again.

Before a change is made the key is kept with a digest of the request, after it with the answer. What falls in between
(a kill, a full disk) is mended by the repository, which carries out a change with one key only once: the answer is
then made again from what was done.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final

import msgspec

from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import FieldError, Refusal

HEADER: Final = "Idempotency-Key"
PATTERN: Final = '^("[!#-~ ]{1,255}"|[!#-~]{1,255})$'
_KIND: Final = "gateway-answers"
_KEPT: Final = dt.timedelta(days=7)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A request by its digest, and its answer once there is one."""

    digest: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def read(header: str | None) -> str:
    """Return the key in a header, "" for none; raise Refusal with 400 for what is none."""
    if header is None:
        return ""
    if re.fullmatch(PATTERN, header) is None:
        detail = "is no key: 1 to 255 visible ASCII characters, in quotes if you like"
        raise Refusal(400, f"the header `{HEADER}` {detail}", [FieldError(parameter=HEADER, detail=detail)])
    return header[1:-1] if header.startswith('"') else header


class Keys:
    """What is known of requests by key."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Keep others with the same key out meanwhile; raise Refusal with 409 when somebody is in."""
        with self._lock:
            if key in self._busy:
                detail = f"a request with this `{HEADER}` is being answered right now"
                raise Refusal(409, detail, headers={"Retry-After": "1"})
            self._busy.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def begin(self, key: str, *request: bytes) -> tuple[Kept, bool]:
        """Return what is kept of a key, and whether it was before; raise Refusal with 422 for another request."""
        digest = sha256(b"".join(len(part).to_bytes(8) + part for part in request)).hexdigest()
        state, until = self._gate.repository.state, self._gate.now() + _KEPT
        new = Kept(digest=digest)
        if state.add(_KIND, key, msgspec.json.encode(new), until):
            return new, False
        known = state.get(_KIND, key)
        kept = new if known is None else msgspec.json.decode(known, type=Kept)
        if kept.digest != digest:
            raise Refusal(422, f"this `{HEADER}` was used for another request: take a new one for each")
        return kept, True

    def end(self, key: str, kept: Kept) -> None:
        """Keep the answer of a request."""
        self._gate.repository.state.put(_KIND, key, msgspec.json.encode(kept), self._gate.now() + _KEPT)

    def forget(self, key: str) -> None:
        """Forget a request that was refused: nothing has changed, and a mended one may come under the same key."""
        self._gate.repository.state.drop(_KIND, key)
