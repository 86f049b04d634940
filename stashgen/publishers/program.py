"""Run a program that moves files: no shell, nobody is asked anything, and ^C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from stashgen import clock
from stashgen.publishers.store import Order, PublishError, StoppedError

_LOOK_AGAIN_SECONDS: Final = 0.02
_GRACE_SECONDS: Final = 10.0  # what is still to be said after ^C is said within this time


class Ended(NamedTuple):
    """How a program ended, and what it said."""

    code: int
    said: str


def run(command: Sequence[str], order: Order, *, stdin: bytes, seconds: float, environ: Mapping[str, str]) -> Ended:
    """Run a program to its end; raise PublishError where it cannot be started or takes too long."""
    was_stopped = order.stop.is_set()
    deadline = clock.monotonic() + (min(seconds, _GRACE_SECONDS) if was_stopped else seconds)
    # Files, not pipes: what the program leaves running in the background would keep a pipe open.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        try:
            child = subprocess.Popen(
                command, stdin=given, stdout=said, stderr=said, env=dict(environ), start_new_session=True
            )
        except OSError as error:
            raise PublishError(
                f"{command[0]} cannot be run ({error.strerror or error}): install it", is_lasting=True
            ) from error
        try:
            _await_end(child, order, deadline, was_stopped=was_stopped)
        finally:
            _stop(child)
        said.seek(0)
        words = said.read().decode("utf-8", "replace").strip()
    if clock.monotonic() > deadline and child.returncode < 0:
        raise PublishError(f"{command[0]} took more than {seconds:g} seconds and was stopped")
    return Ended(child.returncode, words)


def _await_end(child: subprocess.Popen[bytes], order: Order, deadline: float, *, was_stopped: bool) -> None:
    while clock.monotonic() < deadline:
        with suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK_AGAIN_SECONDS)
            return
        if order.stop.is_set() and not was_stopped:
            raise StoppedError


def _stop(child: subprocess.Popen[bytes]) -> None:
    # All of its session: rsync starts ssh.
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(2)
