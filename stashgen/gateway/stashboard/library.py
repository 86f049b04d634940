"""The files of Stashboard's API made from the board of this moment, each when somebody asks for it."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Final

import msgspec

from stashgen import build, urls
from stashgen.check import Reading
from stashgen.gateway.gate import Gate
from stashgen.memo import Memo, cache_file, digest
from stashgen.model import Group, Service, Site
from stashgen.outputs import stashboard_api
from stashgen.outputs.context import Context, Output
from stashgen.outputs.stashboard_api.images import images
from stashgen.outputs.stashboard_api.posts import Journal
from stashgen.theme import Theme

_NAMED: Final = re.compile(r"(?P<before>.*/|)(?P<kind>services|service-lists)/(?P<name>[^/]+)(?P<after>/.*|)")
_KEPT_FILES: Final = 512
# What is posted in one second is told apart by its milliseconds, and all of it has been said.
_END_OF_SECOND: Final = 999_999


class Shown:
    """The site as Stashboard's clients see it; a library that holds no more than they ask for."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()

    @property
    def site(self) -> Site:
        """The records."""
        return self.context.site

    @property
    def site_url(self) -> str | None:
        """What the files take for the site's URL."""
        return self.site.settings.url

    @cached_property
    def journal(self) -> Journal:
        """What was said, post by post."""
        return Journal(self.context)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None without one. Raises DataError for a file of site-data that changes meanwhile."""
        with self._lock:
            output = self._outputs.get(path)
            if output is None:
                return None
            if path not in self._kept:
                if len(self._kept) >= _KEPT_FILES:
                    self._kept.clear()
                self._kept[path] = output.make()
            return self._kept[path]

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        with self._lock:
            return path in self._outputs

    def present(self, path: str) -> str:
        """Return a path with the id that a service or list has now, where it was renamed: its clients were not."""
        match = _NAMED.fullmatch(path)
        if match is None:
            return path
        name = self._name_by_alias[match["kind"]].get(match["name"], match["name"])
        return f"{match['before']}{match['kind']}/{name}{match['after']}"

    @cached_property
    def _name_by_alias(self) -> Mapping[str, Mapping[str, str]]:
        records: dict[str, Mapping[str, Service | Group]] = {
            "services": self.site.services,
            "service-lists": self.site.groups,
        }
        return {
            kind: {alias: name for name, record in known.items() for alias in record.aliases if alias not in known}
            for kind, known in records.items()
        }

    @cached_property
    def _outputs(self) -> Mapping[str, Output]:
        made = {output.path: output for output in stashboard_api.render(self.context)}
        for image in images(self.context):
            if image.make is None:
                file = self.context.static[image.path.removeprefix(urls.static_file(""))]
                made[image.path] = Output(image.path, b"", file.read_bytes)
        return made


class Desk:
    """Gives the site as it is, and keeps it until it is another."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._memo = Memo(cache_file(gate.project, gate.environ))
        self._lock = threading.Lock()
        self._kept: tuple[bytes, Shown] | None = None
        self._theme: Theme | None = None

    def shown(self) -> Shown:
        """Return the site as it is; raises DataError for a theme that is not there."""
        now = self._gate.now().replace(microsecond=_END_OF_SECOND)
        with self._lock:
            reading = self._gate.reading()
            state = _state(reading.site)
            if self._kept is not None:
                known, shown = self._kept
                if known == state and shown.context.built_at <= now < shown.context.board.next_change_at:
                    return shown
            shown = Shown(self._composed(reading, now))
            self._kept = state, shown
            return shown

    def forget(self) -> None:
        """Look at everything anew the next time."""
        self._kept = None

    def _composed(self, reading: Reading, now: dt.datetime) -> Context:
        project = self._gate.project
        job = build.Job(project=project, output=project, now=now, memo=self._memo, theme=self._theme)
        source = build.gather(job, reading)
        self._theme = source.theme
        return build.compose(job, source)[0]


def _state(site: Site) -> bytes:
    records = (site.settings, [sorted(map_.items()) for map_ in (site.statuses, site.groups, site.services)])
    return digest(msgspec.msgpack.encode((records, [*site.digest_by_event.items()])))
