"""A small reader of built pages, on html5lib alone: elements, ids, links, headings."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from stashgen.urls import API_NOT_FOUND_PAGES

_LINKS: Final = (
    ("a", "href"), ("area", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("source", "src"),
    ("iframe", "src"), ("use", "href"), ("use", "{http://www.w3.org/1999/xlink}href"), ("form", "action"),
)  # fmt: skip


class Link(NamedTuple):
    """One link as it stands in a page."""

    tag: str
    target: str


class Page(NamedTuple):
    """One parsed page; `path` is relative to the output folder."""

    path: str
    text: str
    root: Element

    def elements(self, tag: str | None = None) -> Iterator[Element]:
        """Yield all elements, or those of one tag."""
        # html5lib gives a comment a function for a tag.
        found = (element for element in self.root.iter() if not callable(element.tag))
        return (element for element in found if tag in (None, name(element)))

    def ids(self) -> list[str]:
        """Return every id, in order."""
        return [element.attrib["id"] for element in self.elements() if "id" in element.attrib]

    def links(self) -> Iterator[Link]:
        """Yield every link of every kind."""
        for element in self.elements():
            for tag, attribute in _LINKS:
                if name(element) == tag and attribute in element.attrib:
                    yield Link(tag, element.attrib[attribute])


def name(element: Element) -> str:
    """Return an element's tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def words(element: Element) -> str:
    """Return the text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def parse(path: str, text: str) -> Page:
    """Return a page parsed by the rules of HTML; raises html5lib's ParseError at its first error."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return Page(path, text, parser.parse(text))


def pages(output: Path) -> dict[str, Page]:
    """Return every page of a build, as `page_paths` finds them."""
    return {path: parse(path, (output / path).read_text(encoding="utf-8")) for path in page_paths(output)}


def page_paths(output: Path) -> list[str]:
    """Return the HTML pages of a build but those of the user's own static folder; JSON under such a name is none."""
    found = sorted(path.relative_to(output).as_posix() for path in output.rglob("*.html"))
    return [path for path in found if not path.startswith("static/") and path not in API_NOT_FOUND_PAGES]


def whole_page_paths(output: Path) -> list[str]:
    """Return the same without the pages for frames, which hold no more than one look at the present."""
    return [path for path in page_paths(output) if not path.startswith("embed/")]


def local_path(page: str, target: str, site_url: str) -> tuple[str, str] | None:
    """Return (file in the output, fragment) of a link, None for one that leaves the site."""
    base = site_url.rstrip("/") + "/"
    if target.startswith(base):
        path, fragment = _split(target.removeprefix(base))
    elif urlsplit(target).scheme or target.startswith("//"):
        return None
    elif target.startswith("/"):
        path, fragment = _split(target)
        path = posixpath.relpath(path, urlsplit(base).path)  # outside the site's own path it begins with `..`
    else:
        path, fragment = _split(target)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    if path in ("", ".") or path.endswith("/"):
        path = posixpath.join(path, "index.html")
    return posixpath.normpath(path), fragment


def broken_links(output: Path, parsed: Mapping[str, Page], site_url: str) -> list[str]:
    """Return every internal link or fragment that leads nowhere, as `page: link`."""
    ids = {path: set(page.ids()) for path, page in parsed.items()}
    broken = []
    for path, page in parsed.items():
        for link in page.links():
            place = local_path(path, link.target, site_url)
            if place is None:
                continue
            file, fragment = place
            if not (output / file).is_file() or (fragment and file in ids and fragment not in ids[file]):
                broken.append(f"{path}: {link.target}")
    return broken


def _split(target: str) -> tuple[str, str]:
    parts = urlsplit(target)
    return unquote(parts.path), unquote(parts.fragment)
