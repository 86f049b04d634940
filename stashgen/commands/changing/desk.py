"""What a command that changes something works with: the project, its site and board, and drafts that stay."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Self

import click

from stashgen import build, clock, load, zones
from stashgen.commands.changing import asking
from stashgen.commands.changing.moments import Moment
from stashgen.commands.changing.terms import Terms
from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.i18n import Translator
from stashgen.load import SITE_DATA
from stashgen.memo import Memo, cache_file
from stashgen.model import Event, Site
from stashgen.repository import Repository


class Desk:
    """One run of a command; `is_asked` tells whether somebody was asked for anything."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.now = terms.now or clock.current(os.environ)
        self.memo = Memo(cache_file(terms.directory, os.environ))
        self.is_asked = False
        self._stack = ExitStack()
        self._drafts: list[asking.Draft] = []

    def __enter__(self) -> Self:
        """Open the project."""
        self.repository = self._stack.enter_context(Repository(self.terms.directory, os.environ))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Close it; drafts stay where the change did not come to be."""
        for draft in self._drafts:
            draft.is_kept = draft.is_kept or self.terms.is_dry_run
        self._stack.__exit__(kind, error, None)

    @cached_property
    def site(self) -> Site:
        """The sound part of site-data: a file of somebody else that is broken must not block the news."""
        return self.repository.read().site

    @cached_property
    def board(self) -> Board:
        """The board as it is."""
        return self.derived(self.site, self.now)

    @cached_property
    def translator(self) -> Translator:
        """The words of the page."""
        return build.outfit(self.terms.directory, self.site.settings)[1]

    @property
    def zone(self) -> dt.tzinfo:
        """The zone of the page."""
        return zones.find(self.site.settings.timezone) or dt.UTC

    def moment(self, *, is_ahead: bool = False) -> Moment:
        """Return what times are read against."""
        return Moment(self.now, self.zone, is_ahead)

    def derived(self, site: Site, now: dt.datetime) -> Board:
        """Return the board of a site; a plan is made later than the desk was opened, while somebody was asked."""
        return derive(site, now, self.memo)

    def event(self, name: str) -> Event:
        """Return an event with its texts."""
        return load.read_event(self.terms.directory / SITE_DATA, self.site, name)

    def draft(self, name: str, begun: str = "") -> str:
        """Let somebody write a text in an editor; it is kept if what it is for fails."""
        self.is_asked = True
        return self._draft(name, begun).edited()

    def remember(self, name: str, text: str) -> None:
        """Keep a text that somebody has typed if what it is for fails."""
        self._draft(name, "").write(text)

    def _draft(self, name: str, begun: str) -> asking.Draft:
        draft = self._stack.enter_context(asking.Draft(name, begun))
        self._drafts.append(draft)
        return draft

    def ask(self, label: str, *, is_needed: bool = True) -> str:
        """Ask for one line, again and again if it is needed."""
        self.is_asked = True
        return asking.line(label, is_needed=is_needed)

    def choose(self, label: str, choices: Sequence[asking.Choice]) -> str:
        """Let somebody choose; return the name."""
        self.is_asked = True
        return asking.one_of(label, choices)

    def ask_before(self) -> None:
        """Have somebody asked before the change, if anybody is there: it takes something away."""
        is_silent = self.terms.is_quiet or self.terms.is_json
        self.is_asked = self.is_asked or (asking.is_possible() and not is_silent)

    def agrees(self, label: str) -> bool:
        """Ask a question whose answer is yes or no."""
        self.is_asked = True
        return asking.agrees(label)

    def remark(self, text: str) -> None:
        """Say something by the way."""
        if not self.terms.is_quiet:
            click.echo(text, err=True)
