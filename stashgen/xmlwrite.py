"""Write XML 1.0: elements with escaped texts and attributes, and without the characters that XML cannot hold."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

ATOM: Final = "http://www.w3.org/2005/Atom"  # namespaces
DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
SVG: Final = "http://www.w3.org/2000/svg"
HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
# https://www.w3.org/TR/xml/#charsets
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKED: Final = re.compile(f'[&<>"\r]|{_UNSPEAKABLE.pattern}')


def text(value: str) -> Markup:
    """Return a text as it stands between tags or in an attribute."""
    return Markup(_escaped(value))  # noqa: S704  # everything is escaped there


def element(name: str, *children: str | Markup, **attributes: str | None) -> Markup:
    """Return an element; plain texts are escaped, elements (Markup) are taken as they are.

    An attribute that is None is left out; in its name `__` stands for `:` and a `_` at its end for nothing.
    """
    head = name
    for key, value in attributes.items():
        if value is not None:
            head += _attribute(key, value)
    inside = "".join([child if isinstance(child, Markup) else _escaped(child) for child in children])
    return Markup(f"<{head}>{inside}</{name}>" if children else f"<{head}/>")  # noqa: S704  # escaped above


def _attribute(name: str, value: str) -> str:
    line = _escaped(value)
    if "\n" in line or "\t" in line:
        line = line.replace("\n", "&#10;").replace("\t", "&#9;")
    return f' {name.removesuffix("_").replace("__", ":")}="{line}"'


def _escaped(value: str) -> str:
    # Most texts are words, and a feed has a hundred thousand of them.
    if _MARKED.search(value) is None:
        return str(value)
    return (
        _UNSPEAKABLE.sub("\ufffd", value)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("\r", "&#13;")
    )


def document(root: Markup) -> bytes:
    """Return the bytes of a whole document."""
    return f"{HEAD}{root}\n".encode()
