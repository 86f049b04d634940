"""stashgen embed: the lines that put the state of the page on another one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

import click

from stashgen import check, urls
from stashgen.build import outfit
from stashgen.commands import options
from stashgen.errors import DataError, StashgenError
from stashgen.i18n import Translator
from stashgen.memo import Memo, cache_file
from stashgen.model import Family, Site
from stashgen.text import did_you_mean, listed, quoted

_HEIGHT_BY_SIZE: Final = {"": 220, "compact": 40}


class Wish(NamedTuple):
    """What is to be embedded: some services and groups of a site, or with neither the whole page."""

    site: Site
    url: str
    services: tuple[str, ...]
    groups: tuple[str, ...]
    translator: Translator

    @property
    def is_whole(self) -> bool:
        """Return whether it is the whole page."""
        return not self.services and not self.groups

    def address(self, path: str) -> str:
        """Return the public URL of an output path as it stands in an attribute."""
        return escape(urls.public(self.url, path))

    def label(self, service: str | None) -> str:
        """Return the words for what is shown, as plain text."""
        name = self.site.services[service].name if service else self.site.settings.title
        return f"{self.translator.text('embed.label')}: {name}"


class Kind(NamedTuple):
    """One kind of snippet: what it is, the families of files it needs, and the lines."""

    summary: str
    families: tuple[Family, ...]
    lines: Callable[[Wish], Iterator[str]]


def _script(wish: Wish) -> Iterator[str]:
    yield _script_tag(wish, "")


def _script_tag(wish: Wish, attributes: str) -> str:
    for name, ids in (("services", wish.services), ("groups", wish.groups)):
        attributes += f' data-{name}="{",".join(ids)}"' if ids else ""
    return f'<script src="{wish.address(urls.EMBED_SCRIPT)}"{attributes} defer></script>'


def _frame(wish: Wish, size: str) -> Iterator[str]:
    if wish.is_whole:
        # Attributes, not a style: the policy of the host page may forbid inline styles.
        facts = f'title="{escape(wish.label(None))}" width="100%" height="{_HEIGHT_BY_SIZE[size]}" frameborder="0"'
        yield f'<iframe src="{wish.address(urls.embed_page(size))}" {facts} loading="lazy"></iframe>'


def _card(wish: Wish) -> Iterator[str]:
    return _frame(wish, "")


def _compact(wish: Wish) -> Iterator[str]:
    return _frame(wish, "compact")


def _pictured(wish: Wish) -> tuple[str | None, ...]:
    # There are pictures of the whole page and of services, not of groups.
    return (None,) if wish.is_whole else wish.services


def _page(wish: Wish, service: str | None) -> str:
    return wish.address(urls.service_page(service) if service else urls.DASHBOARD)


def _dot(wish: Wish) -> Iterator[str]:
    for service in _pictured(wish):
        image = f'<img src="{wish.address(urls.embed_dot(service))}" alt="{escape(wish.label(service))}"'
        yield f'<a href="{_page(wish, service)}">{image} width="16" height="16"></a>'
    if wish.groups:
        yield _script_tag(wish._replace(services=()), ' data-kind="dot"')


def _badge(wish: Wish) -> Iterator[str]:
    for service in _pictured(wish):
        picture, page = urls.public(wish.url, urls.badge(service, "status", "svg")), _page(wish, service)
        yield f"[![{_markdown(wish.label(service))}]({picture})]({page})"
        yield f'<a href="{page}"><img src="{escape(picture)}" alt="{escape(wish.label(service))}"></a>'


def _markdown(text: str) -> str:
    # What HTML reads otherwise is left to HTML: not every Markdown knows a backslash before these.
    return escape(re.sub(r"([\\`*_\[\]])", r"\\\1", text), quote=False)


KINDS: Final[Mapping[str, Kind]] = {
    "script": Kind("a banner that shows only while something is wrong", ("embeds", "status-json"), _script),
    "frame": Kind("a card in a frame: the sentence and what is open", ("embeds", "pages"), _card),
    "compact": Kind("one line in a frame", ("embeds", "pages"), _compact),
    "dot": Kind("a small picture of the status", ("embeds",), _dot),
    "badge": Kind("a badge, in Markdown and in HTML", ("badges",), _badge),
}


@click.command
@options.directory
@click.option(
    "--service", "services", multiple=True, metavar="ID", help="Only this service; may be given several times."
)
@click.option(
    "--group", "groups", multiple=True, metavar="ID", help="Only the services of this group; may be repeated."
)
@click.option("--kind", type=click.Choice(list(KINDS)), help="Print one kind alone, without a word around it.")
def embed(directory: Path, services: tuple[str, ...], groups: tuple[str, ...], kind: str | None) -> None:
    """Print the lines that put the state of the page on another one.

    All of them, each below a comment that says what it is: a banner that shows only while something is wrong, a
    card and a line in frames, a dot, a badge. With --service or --group they speak of these alone; frames are of
    the whole page. Nothing is written, and what is printed goes into HTML, or Markdown, as it is:

    \b
        stashgen embed --kind script --group platform >>footer.html

    The banner takes options as data attributes; docs/embeds.md lists them.
    """  # noqa: D301 - Click's mark for lines that it must not fill
    reading = check.read(directory, Memo(cache_file(directory, os.environ)))
    if any(problem.severity == "error" for problem in reading.problems):
        raise DataError(reading.problems)
    site = reading.site
    shown = {name: service for name, service in site.services.items() if not service.hidden}
    _refuse_unknown("service", services, shown)
    _refuse_unknown("group", groups, site.groups)
    url = site.settings.url
    if url is None:
        raise StashgenError(
            "site-data/site.yaml: url: is missing; other pages must know where this one is, such as "
            "`url: https://status.example.com`"
        )
    wish = Wish(site, url, services, groups, outfit(directory, site.settings)[1])
    if kind is not None:
        _echo_one(wish, kind)
    else:
        _echo_all(wish)


def _refuse_unknown(what: str, ids: tuple[str, ...], known: Mapping[str, object]) -> None:
    for name in ids:
        if name not in known:
            hint = did_you_mean(name, known) or (f": there are {listed(known)}" if known else "")
            raise click.UsageError(f"there is no {what} {quoted(name)}{hint}")


def _echo_one(wish: Wish, kind: str) -> None:
    missing = _missing(wish, KINDS[kind])
    if missing:
        raise StashgenError(f"site-data/site.yaml: outputs: switches off what a {kind} needs: {listed(missing)}")
    lines = [*KINDS[kind].lines(wish)]
    if not lines:
        remedy = "leave --service and --group out" if kind in ("frame", "compact") else "name its services"
        raise click.UsageError(f"there is no {kind} of this: {remedy}")
    click.echo("\n".join(lines))


def _echo_all(wish: Wish) -> None:
    parts = []
    for name, kind in KINDS.items():
        lines = [] if _missing(wish, kind) else [*kind.lines(wish)]
        if lines:
            parts.append("\n".join([f"<!-- {name}: {kind.summary} -->", *lines]))
    if not parts:
        raise StashgenError("site-data/site.yaml: outputs: switches off everything that could be embedded")
    click.echo("\n\n".join(parts))


def _missing(wish: Wish, kind: Kind) -> list[Family]:
    return [family for family in kind.families if not wish.site.settings.outputs.get(family, True)]
