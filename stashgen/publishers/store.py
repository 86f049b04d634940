"""What the engine asks of a place with files, and what publishing to any place is told and tells."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol

from stashgen.errors import StashgenError
from stashgen.publishers.site import Site
from stashgen.publishers.standing import Lineage

History = Literal["squashed", "growing"]
Outcome = Literal["published", "unchanged", "left", "planned"]
# A folder with a file for each publisher that is at work here, or was when it died.
CLAIMS: Final = ".stashgen-publishing/"
# How names of half-written files begin where they lie there, so that those of who was killed are found.
PARTS: Final = f"{CLAIMS}."
_PASSWORD: Final = re.compile(r"(?<=://)[^/@\s'\"]+@")


class PublishError(StashgenError):
    """A target did not take the site; `is_lasting`: trying again would end the same."""

    def __init__(self, text: str, *, is_lasting: bool = False) -> None:
        self.is_lasting = is_lasting
        super().__init__(text)


class StoppedError(PublishError):
    """Somebody pressed ^C."""

    def __init__(self) -> None:
        super().__init__("stopped", is_lasting=True)


class Order(NamedTuple):
    """How to publish: `run` names this publishing of this target among all others, over all its tries."""

    project: Path
    environ: Mapping[str, str]
    known: Lineage
    run: str
    stop: threading.Event
    history: History = "squashed"
    is_forced: bool = False
    is_dry: bool = False

    def go_on(self) -> None:
        """Raise StoppedError when somebody wants this to end."""
        if self.stop.is_set():
            raise StoppedError

    def wait(self, seconds: float) -> None:
        """Wait, or raise StoppedError as soon as somebody wants this to end."""
        self.stop.wait(seconds)
        self.go_on()


class Report(NamedTuple):
    """What became of a target; in a dry run, what would."""

    outcome: Outcome
    sent: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    size: int = 0
    notes: tuple[str, ...] = ()


class Store(Protocol):
    """A place with files.

    A name that ends with `/` means the files right below that folder. All methods raise PublishError.
    """

    is_alone: bool  # nobody else can be at work in this place as long as this is open

    def read(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of those files that are there."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write a file that is not of the site, so that a reader sees the old bytes or the new ones."""
        ...

    def send(self, site: Site, names: Sequence[str]) -> None:
        """Put files of the site in place, in any order."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove files, and folders that are empty then; what is not there is no error."""
        ...


Publish = Callable[[str, Site, Order], Report]


class Publisher(NamedTuple):
    """A kind of target: whether a text names one, and how the site gets there."""

    fits: Callable[[str], bool]
    publish: Publish


def hushed(text: str) -> str:
    """Return a text without the passwords and tokens that stand in its URLs before the host."""
    return _PASSWORD.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    user = match[0].removesuffix("@")
    return match[0] if ":" not in user and not _looks_secret(user) else "***@"


def _looks_secret(user: str) -> bool:
    return len(user) >= 20  # code hosts take a token for the name of a user
