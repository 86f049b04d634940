"""Run git: a scrubbed environment in, exit code and output out."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from stashgen.errors import StashgenError

_SECONDS: Final = 120.0
# What says who commits, and how servers are reached. All else (GIT_DIR, GIT_INDEX_FILE, ...) was set by a hook or
# another tool for a repository that is not this one.
_KEPT: Final = re.compile(
    r"GIT_((AUTHOR|COMMITTER)_\w+|SSH(_COMMAND|_VARIANT)?|ASKPASS|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)"
    r"|SSL_\w+|HTTP_\w+|PROXY_\w+|ALLOW_PROTOCOL|EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|TRACE\w*)"
)
# git would translate what it says; without a language it does not, and file names stay UTF-8.
_PLAIN: Final[Mapping[str, str]] = {"LC_ALL": "C.UTF-8", "LANGUAGE": "", "GIT_TERMINAL_PROMPT": "0"}
_READING: Final[Mapping[str, str]] = {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"}


class GitError(StashgenError):
    """Git refused something; the text has git's own words."""


class Done(NamedTuple):
    """How a call of git ended; a negative code is a signal."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Return the output without the line end."""
        return os.fsdecode(self.out).rstrip("\n")

    @property
    def words(self) -> str:
        """Return what there is to read for a person: git's, a hook's or the remote's words."""
        said = f"{self.err}\n{self.out.decode('utf-8', 'replace')}".strip()
        return said or f"git ended with code {self.code} and without a word"


class Git(NamedTuple):
    """Git as it runs in one folder; its children keep the descriptors `held` open: a lock lives as long as they."""

    folder: Path
    environ: Mapping[str, str]
    held: tuple[int, ...] = ()

    def ask(self, *arguments: str, stdin: bytes = b"") -> str:
        """Return what a command that only reads, or writes quickly, prints; raise GitError when it fails."""
        return os.fsdecode(self.data(*arguments, stdin=stdin)).rstrip("\n")

    def data(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Return the same as bytes."""
        done = self.run(*arguments, stdin=stdin, settings=_READING)
        if done.code:
            raise GitError(f"git {_verb(arguments)}: {done.words}")
        return done.out

    def has(self, *arguments: str) -> bool:
        """Return whether a question is answered with yes."""
        return self.run(*arguments, settings=_READING).code == 0

    def run(
        self,
        *arguments: str,
        stdin: bytes | IO[bytes] = b"",
        seconds: float = _SECONDS,
        settings: Mapping[str, str] | None = None,
        is_apart: bool = False,
    ) -> Done:
        """Run git; raise GitError only where it cannot be started or takes too long.

        `stdin` is bytes or, where they are many, an open file. `settings` are added to its environment. `is_apart`
        takes the terminal away from it: nothing that it starts, such as ssh, can ask anybody anything, and all of it
        ends when the time is over.
        """
        command = ["git", "--no-pager", "-C", str(self.folder), *arguments]
        kept = {name: value for name, value in self.environ.items() if _is_kept(name)}
        with _given(stdin) as given, _scratch() as out, _scratch() as err:
            try:
                child = subprocess.Popen(
                    command,
                    env={**kept, **_PLAIN, **(settings or {})},
                    stdin=given,
                    stdout=out,
                    stderr=err,
                    pass_fds=self.held,
                    start_new_session=is_apart,
                )
            except OSError as error:
                raise GitError(f"git cannot be run: {error.strerror or error}") from error
            code = _wait(child, seconds, is_apart=is_apart)
            out.seek(0), err.seek(0)
            done = Done(-1 if code is None else code, out.read(), err.read().decode("utf-8", "replace").strip())
        if code is None:
            raise GitError(
                f"git {_verb(arguments)} took more than {seconds:g} seconds and was stopped. {done.err}".strip()
            )
        return done


def _verb(arguments: tuple[str, ...]) -> str:
    plain = (one for before, one in zip(("", *arguments), arguments, strict=False) if before != "-c")
    return next((one for one in plain if not one.startswith("-")), "")


def _is_kept(name: str) -> bool:
    return not name.startswith("GIT_") or _KEPT.fullmatch(name) is not None


def _wait(child: subprocess.Popen[bytes], seconds: float, *, is_apart: bool) -> int | None:
    try:
        return child.wait(_until_the_end(child.pid, seconds))
    except subprocess.TimeoutExpired:
        _stop(child, is_apart=is_apart)
        return None
    except BaseException:
        _stop(child, is_apart=is_apart)
        raise


def _until_the_end(number: int, seconds: float) -> float:
    """Wait so long at most for a process to end, which is heard of at once; return how long is left to wait."""
    try:
        process = os.pidfd_open(number)
    except (AttributeError, OSError):  # not Linux: subprocess looks again and again
        return seconds
    try:
        poll = select.poll()
        poll.register(process, select.POLLIN)
        poll.poll(seconds * 1000)
    finally:
        os.close(process)
    return 0


def _stop(child: subprocess.Popen[bytes], *, is_apart: bool) -> None:
    # TERM first: git takes its lock files away then.
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number) if is_apart else child.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(2)
            return


def _given(stdin: bytes | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    return _scratch(stdin) if isinstance(stdin, bytes) else nullcontext(stdin)


def _scratch(data: bytes = b"") -> IO[bytes]:
    # Not a pipe: what a hook leaves running in the background would keep it open. In memory, as the disk may be full.
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("git"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever asked
    file.write(data)
    file.seek(0)
    return file
