"""The real program on a real terminal: a pseudo-terminal whose other end a test types at."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from door import child_environ

PATIENCE_SECONDS: Final = 60.0
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """One run of a program in a terminal of so many columns."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str] | None = None, columns: int = 80) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.raw = ""
        self._seen = 0
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=child_environ({"TERM": "xterm", **(env or {})}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - no threads here, and ^C needs a terminal of its own
        )
        os.close(slave)

    @property
    def text(self) -> str:
        """What has been shown, without colours."""
        return _ESCAPES.sub("", self.raw).replace("\r", "")

    def expect(self, words: str) -> str:
        """Wait until something is shown that was not there before; return everything since the last time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.text[self._seen :]:
            assert self._read(deadline), f"{words!r} never came:\n{self.text}"
        start = self._seen
        self._seen = self.text.index(words, self._seen) + len(words)
        return self.text[start : self._seen]

    def type(self, keys: str) -> None:
        """Type some keys."""
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        """Type ^C until it is heard: Python can miss one that comes just before it waits for a key."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            self.type("\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._read(deadline):
            pass
        code = self._process.wait(PATIENCE_SECONDS)
        os.close(self._master)
        return code

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            self._process.kill()
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so when the last one has closed it
            return False
        self.raw += data.decode("utf-8", "replace")
        return bool(data)


def stashgen(*args: str, cwd: Path, env: Mapping[str, str] | None = None, columns: int = 80) -> Terminal:
    """Start `stashgen ARGS` in a terminal."""
    return Terminal([sys.executable, "-m", "stashgen", *args], cwd, env, columns)


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
