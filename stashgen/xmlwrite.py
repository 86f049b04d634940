"""Write XML 1.0: elements with escaped texts and attributes, and without the characters that XML cannot hold."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
# https://www.w3.org/TR/xml/#charsets
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> Markup:
    """Return a text as it stands between tags or in an attribute."""
    return Markup(  # noqa: S704  # everything is escaped here
        _UNSPEAKABLE.sub("\ufffd", value)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("\r", "&#13;")
    )


def element(name: str, *children: str | Markup, **attributes: str | None) -> Markup:
    """Return an element; plain texts are escaped, elements (Markup) are taken as they are.

    An attribute that is None is left out; in its name `__` stands for `:` and a `_` at its end for nothing.
    """
    head = name + "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    inside = "".join(child if isinstance(child, Markup) else text(child) for child in children)
    return Markup(f"<{head}>{inside}</{name}>" if children else f"<{head}/>")  # noqa: S704  # escaped above


def _attribute(name: str, value: str) -> str:
    line = text(value).replace("\n", "&#10;").replace("\t", "&#9;")
    return f' {name.removesuffix("_").replace("__", ":")}="{line}"'


def document(root: Markup) -> bytes:
    """Return the bytes of a whole document."""
    return f"{HEAD}{root}\n".encode()
