"""Questions on a terminal: only there, on stderr, and a ^C leaves everything as it was."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

import click

from stashgen.columns import cut, fit
from stashgen.errors import StashgenError
from stashgen.text import quoted

_EDITORS: Final = ("sensible-editor", "nano", "vim", "vi")
_NARROWEST: Final = 24


class Choice(NamedTuple):
    """One thing to choose: what it is called, and what is said of it."""

    name: str
    about: str = ""


def is_possible() -> bool:
    """Return whether somebody sits in front of this process."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def require(what: str, remedy: str) -> None:
    """Raise a usage error that says how to give `what`, where nobody can be asked for it."""
    if not is_possible():
        raise click.UsageError(f"{what} is missing: {remedy}")


def line(label: str, *, is_needed: bool = True) -> str:
    """Ask for one line; ask again for one that is needed."""
    default = None if is_needed else ""
    answer: str = click.prompt(label, default=default, show_default=False, err=True)
    return answer


def agreed(label: str) -> None:
    """Ask whether to go on, which is the answer to an empty line; raise click.Abort if not."""
    click.confirm(label, default=True, abort=True, err=True)


def agrees(label: str) -> bool:
    """Ask a question whose answer is yes, as to an empty line, or no."""
    return click.confirm(label, default=True, err=True)


def one_of(label: str, choices: Sequence[Choice]) -> str:
    """Let somebody choose by number, name or the beginning of a name; return the name."""
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    names = [choice.name for choice in choices]
    for number, choice in enumerate(choices, 1):
        about = f"  {fit(choice.about)}" if choice.about else ""
        click.echo(cut(f"{number:>3}  {fit(choice.name)}{about}", width), err=True)
    answer: str = click.prompt(label, value_proc=lambda text: chosen(text, names), err=True)
    return answer


def chosen(text: str, names: Sequence[str]) -> str:
    """Return the name that a number, a name or the beginning of one means."""
    wanted = text.strip()
    if wanted in names:
        return wanted
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    fitting = [name for name in names if wanted and name.casefold().startswith(wanted.casefold())]
    if len(fitting) == 1:
        return fitting[0]
    raise click.BadParameter(f"{quoted(text)} is {'several' if fitting else 'none'} of them")


class Draft:
    """A text in an editor, in a file that stays if the change it was written for is refused."""

    def __init__(self, name: str, begun: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="stashgen-"))
        self._path, self._begun = folder / f"{name}.md", begun
        self.is_kept = False  # whatever happens
        self._path.write_text(begun, encoding="utf-8")

    def __enter__(self) -> Self:
        """Begin it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Take the file away, unless something went wrong and it holds what nobody else has."""
        if (kind is not None or self.is_kept) and self._is_worth_keeping():
            click.echo(f"your text is kept in {self._path}", err=True)
            return
        shutil.rmtree(self._path.parent, ignore_errors=True)

    def edited(self) -> str:
        """Open the editor and return what was written; raise StashgenError when the editor fails."""
        command = [*_editor(), str(self._path)]
        try:
            with _deaf_to_interrupts():
                code = subprocess.run(command, check=False).returncode
        except OSError as error:
            raise StashgenError(f"{command[0]}: cannot be started ({error.strerror}): set EDITOR") from error
        if code:
            raise StashgenError(f"{command[0]} ended with {code}: nothing has changed")
        return _text(self._path)

    def write(self, text: str) -> None:
        """Put a text in it that was written elsewhere."""
        self._path.write_text(text, encoding="utf-8")

    def _is_worth_keeping(self) -> bool:
        try:
            return self._path.read_bytes().strip() not in (b"", self._begun.strip().encode())
        except OSError:
            return False


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    # A ^C in an editor is the editor's. A handler, unlike SIG_IGN, is not inherited by it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise StashgenError(f"{path}: is not UTF-8") from error


def _editor() -> list[str]:
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if wanted:
        try:
            return [wanted] if shutil.which(wanted) else shlex.split(wanted)
        except ValueError as error:
            raise StashgenError(f"EDITOR is {quoted(wanted)}, which no shell can read: {error}") from error
    found = next(filter(shutil.which, _EDITORS), None)
    if found is None:
        raise StashgenError("there is no editor here: set EDITOR, or give the text with -m or -F")
    return [found]
