"""Claims: who is at work on a target, and which of its files nobody can be sure of.

A publisher lays its claim beside the site before it touches anything, with the names of all it is about to touch, and
takes it away when the site is whole. One that died leaves its claim: whoever comes next puts these files right.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from stashgen import hearsay
from stashgen.files import is_below
from stashgen.publishers.standing import Standing
from stashgen.publishers.store import CLAIMS

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE: Final = Path("/proc/self/ns/pid")


class Holder(msgspec.Struct, frozen=True):
    """A process on some machine; the machine's name is not told, as everybody can read claims."""

    machine: str
    process: int
    started: str

    @property
    def is_dead(self) -> bool:
        """Return whether this process is known to have ended; of one elsewhere nothing is known."""
        if self.machine != _machine():
            return False
        with suppress(OSError, OverflowError):
            os.kill(self.process, 0)
            return _started(self.process) != self.started
        return True


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one publisher is doing: `replaces` is what was whole here before, `beat` shows that it lives."""

    version: int = 1
    run: str
    holder: Holder
    standing: Standing
    replaces: Standing
    files: tuple[str, ...] = ()
    is_forced: bool = False
    is_over: bool = False
    beat: int = 0

    @property
    def rank(self) -> tuple[bool, dt.datetime, str]:
        """Return what decides between two at once, the same for both of them."""
        return self.is_forced, self.standing.rank, self.run


class Claims(msgspec.Struct, frozen=True):
    """All claims of a target by the name of their file; None is one that cannot be read."""

    by_name: Mapping[str, Claim | None]

    @property
    def is_any_damaged(self) -> bool:
        """Return whether there is a claim that does not tell its files."""
        return None in self.by_name.values()

    def touched(self, but: str) -> set[str]:
        """Return the files that any claim but one has named."""
        return {file for name, claim in self.by_name.items() if claim and name != but for file in claim.files}

    def others(self, run: str) -> dict[str, Claim]:
        """Return the claims of other publishers that may still be at work."""
        return {
            name: claim
            for name, claim in self.by_name.items()
            if claim and claim.run != run and not claim.is_over and not claim.holder.is_dead
        }

    def abandoned(self, living: Iterable[str]) -> list[Claim]:
        """Return the claims with files that nobody is going to put right."""
        names = self.by_name.keys() - set(living)
        return [claim for name in names if (claim := self.by_name[name]) and claim.files]


def holder() -> Holder:
    """Return this process."""
    return Holder(_machine(), os.getpid(), _started(os.getpid()))


def claim_name(run: str, token: str) -> str:
    """Return the file of a publisher's claim: each of its rounds has another token."""
    return f"{CLAIMS}{run}-{token}.json"


def claim_bytes(claim: Claim) -> bytes:
    """Return a claim as it lies on a target."""
    return msgspec.json.encode(claim)


def read_claims(found: Mapping[str, bytes]) -> Claims:
    """Read what was found in the folder of claims."""
    named = {name: data for name, data in found.items() if name.startswith(CLAIMS) and name.endswith(".json")}
    return Claims({name: _parsed(data) for name, data in sorted(named.items())})


def _parsed(data: bytes) -> Claim | None:
    claim = hearsay.read(data, Claim)
    return claim if claim is not None and all(map(is_below, claim.files)) else None


def _machine() -> str:
    # Two containers may bear one name and count processes from 1, each for itself.
    parts = [platform.node()]
    with suppress(OSError):
        parts += [_BOOT.read_text(encoding="ascii").strip(), str(_NAMESPACE.readlink())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _started(process: int) -> str:
    # Numbers of processes are given again: the time of the start tells two of them apart.
    with suppress(OSError):
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    return ""
