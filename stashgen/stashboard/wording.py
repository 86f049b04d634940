"""Bodies of the API as they are sent: JSON, or a call of the function that a script named; errors of one form."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from stashgen.media_types import JSON
from stashgen.stashboard.questions import Reply

# What a script may call: names with dots between them, such as `stashboard.callback`.
_CALLBACK: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*")
_LONGEST_CALLBACK: Final = 128


def error(code: int, message: str | None = None) -> dict[str, Any]:
    """Return the body of an error."""
    told = {} if message is None else {"message": message}
    return {"error": True, "code": code, **told}


def refused_callback(callback: str) -> Reply | None:
    """Return the answer to a `callback` that is no name of a function; None for a good one, or none."""
    if not callback or (len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback)):
        return None
    return spoken(400, error(400, f"callback is no name of a function: {callback}"))


def spoken(status: int, body: Any, callback: str = "") -> Reply:
    """Return plain data as JSON, or as a call of the function `callback`."""
    # In ASCII: a script is read in the encoding of the page that calls it, and no line of it ends inside a text.
    text = json.dumps(body, separators=(",", ":"))
    if callback:
        return Reply(status, "application/javascript", f"{callback}({text});".encode())
    return Reply(status, JSON, text.encode())
