"""What tells who owns the domain, and what crawlers read: CNAME, robots.txt, sitemap.xml."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from ipaddress import ip_address
from typing import Final

from stashgen import urls
from stashgen.outputs.context import Context

_URLS: Final = 50_000  # https://www.sitemaps.org/protocol.html


def files(context: Context) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file; those that need the site's URL only where it has one."""
    url = context.board.settings.url
    robots = ["User-agent: *", "Allow: /"]
    if url is not None:
        if _is_own_domain(url):
            yield "CNAME", f"{urls.host(url)}\n"
        if context.has("pages"):
            robots += ["", f"Sitemap: {urls.absolute(url, urls.SITEMAP)}"]
            yield urls.SITEMAP, _sitemap(context, url)
    yield "robots.txt", "\n".join([*robots, ""])


def _is_own_domain(url: str) -> bool:
    # CNAME names a domain: not an address, not one machine's own name, and not a page below somebody's path.
    host = urls.host(url)
    try:
        ip_address(host)
    except ValueError:
        return "." in host and urls.base_path(url) == "/"
    return False


def _sitemap(context: Context, url: str) -> str:
    """Return a sitemap 0.9 of all pages: the newest events where there are more than one file may list."""
    board = context.board
    pages = [urls.DASHBOARD, urls.HISTORY]
    pages += map(urls.service_page, board.services)
    pages += [urls.group_page(group.id) for group in board.groups if group.id is not None]
    pages += [urls.month_page(month.year, month.month) for month in board.months]
    pages += map(urls.event_page, board.events)
    rows = "".join(f"<url><loc>{escape(urls.absolute(url, page) or '')}</loc></url>\n" for page in pages[:_URLS])
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{rows}</urlset>\n"
