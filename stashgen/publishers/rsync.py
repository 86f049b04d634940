"""A folder of another machine, by rsync over ssh: `user@host:/path`, `ssh://user@host:port/path`, or `rsync://...`."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from stashgen.files import MANIFEST, SIGNATURE, write_atomic
from stashgen.publishers import program, sending
from stashgen.publishers.plan import above
from stashgen.publishers.site import Site
from stashgen.publishers.store import Order, PublishError, Report, hushed

_SECONDS: Final = 1800.0
_DAEMON: Final = "rsync://"
_LONGEST_SOCKET: Final = 80
_REMOTE: Final = re.compile(r"[^/]+:.*", re.DOTALL)  # as rsync tells: a colon before any slash
_QUIET: Final = "-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15"
_COMMON: Final = ("--checksum", "--no-implied-dirs", "--from0", "--files-from=-", "--timeout=120")
_VANISHED: Final = 24  # how rsync tells of folders that are to be removed
# What goes wrong, in the words of ssh and rsync, and what to do; the first that fits is told.
_WORDS: Final[Sequence[tuple[str, str, bool]]] = (
    (r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED",
     "the host's key is not in known_hosts, or another one is: compare it with the host's own, then add it", True),
    (r"Permission denied \(p|Permission denied, please|Too many authentication failures|@ERROR: auth failed",
     "the host does not let us in: give a key that it knows by RSYNC_RSH='ssh -i FILE' or an agent", True),
    (r"No space left on device|Disk quota exceeded|ENOSPC",
     "the disk there is full; free some space and publish again", True),
    (r"mkdir .* failed: No such file|rrsync error: .*No such file",
     "the folder, or the one above it, is not there; make it first", True),
    (r"Permission denied \(13\)|Operation not permitted|Read-only file system",
     "the folder cannot be written there", True),
    (r"rsync: (command )?not found|rsync: No such file|: rsync: not found",
     "there is no rsync on the host; install it there", True),
    (r"Could not resolve hostname|Name or service not known", "there is no host of this name", False),
    (r"Connection refused|timed out|Network is unreachable|No route to host", "the host cannot be reached", False),
)  # fmt: skip


class _Address(NamedTuple):
    """Where files go: as rsync names it, and the port of ssh."""

    place: str
    port: int | None


def fits(target: str) -> bool:
    """Return whether a target is of another machine."""
    return target.startswith(("ssh://", _DAEMON)) or _REMOTE.fullmatch(target) is not None


def publish(target: str, site: Site, order: Order) -> Report:
    """Bring a folder of another machine to the state of the site."""
    with tempfile.TemporaryDirectory(prefix="stashgen-rsync-") as scratch:
        return sending.publish(_Folder(_address(target), Path(scratch), order), site, order)


class _Folder:
    """A folder elsewhere, as the engine sees it: each call is one rsync."""

    is_alone = False

    def __init__(self, address: _Address, scratch: Path, order: Order) -> None:
        self._address, self._scratch, self._order = address, scratch, order

    def read(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of files; a folder that is not there yet holds none."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            ended = self._rsync(names, self._address.place, f"{folder}/", "--recursive", "--ignore-missing-args")
            if ended.code and not re.search(r"(change_dir|link_stat) .* failed: No such file", ended.said):
                raise _explained(ended.said)
            root = Path(folder)
            files = [path for path in sorted(root.rglob("*")) if path.is_file()]
            return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    def put(self, name: str, data: bytes) -> None:
        """Write a file: rsync puts files in place by renaming them."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            write_atomic(Path(folder) / name, data)
            self._write([name], f"{folder}/")

    def send(self, site: Site, names: Sequence[str]) -> None:
        """Send files of the site."""
        own = {MANIFEST, SIGNATURE}
        for name in own & set(names):
            self.put(name, site.read(name))
        rest = [name for name in names if name not in own]
        if rest:
            self._write(rest, f"{site.folder.resolve()}/")
        for name in rest:
            site.read(name)  # rsync read them a moment ago: a build must not have changed them since

    def remove(self, names: Sequence[str]) -> None:
        """Remove files, then folders that are empty."""
        self._delete(names)
        folders = sorted(above(names), key=lambda name: -name.count("/"))
        for depth in sorted({name.count("/") for name in folders}, reverse=True):
            self._delete([name for name in folders if name.count("/") == depth])

    def _delete(self, names: Sequence[str]) -> None:
        # What is missing in a folder that is here goes there; a folder that still holds something stays.
        # Never with --force or --recursive: the first would take along what is not ours.
        with tempfile.TemporaryDirectory(dir=self._scratch) as bare:
            for name in above(names):
                (Path(bare) / name).mkdir(parents=True, exist_ok=True)
            ended = self._rsync(names, f"{bare}/", self._address.place, "--delete-missing-args")
        if ended.code not in {0, _VANISHED}:
            raise _explained(ended.said)

    def _write(self, names: Sequence[str], source: str) -> None:
        ended = self._rsync(names, source, self._address.place, "--perms", "--chmod=F644")
        if ended.code:
            raise _explained(ended.said)

    def _rsync(self, names: Sequence[str], source: str, target: str, *options: str) -> program.Ended:
        command = ["rsync", *_COMMON, *options, *self._shell, "--", source, target]
        given = b"".join(os.fsencode(name) + b"\0" for name in names)
        # Its words are searched: they must not be translated.
        environ = {**self._order.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""}
        return program.run(command, self._order, stdin=given, seconds=_SECONDS, environ=environ)

    @property
    def _shell(self) -> list[str]:
        if self._address.place.startswith(_DAEMON):
            return []
        return ["-e", shell(self._order.environ, self._address.port, self._scratch)]


def shell(environ: Mapping[str, str], port: int | None, scratch: Path) -> str:
    """Return how rsync reaches the host; whatever is set, nobody is asked anything: an unknown key is refused."""
    own = environ.get("RSYNC_RSH", "").strip() or "ssh"
    first = (shlex.split(own) or [""])[0]
    if os.path.basename(first) != "ssh":  # noqa: PTH119 - a word of a command line
        return own
    # All calls share one connection; a socket's path has a narrow bound.
    socket = str(scratch / "ssh")
    kept = f" -o ControlMaster=auto -o ControlPath={shlex.quote(socket)} -o ControlPersist=20"
    return f"{own} {_QUIET}{kept if len(socket) < _LONGEST_SOCKET else ''}{f' -p {port}' if port else ''}"


def _address(target: str) -> _Address:
    if target.startswith(_DAEMON):
        return _Address(f"{target.rstrip('/')}/", None)
    if not target.startswith("ssh://"):
        _refuse_options(target)
        return _Address(target if target.endswith((":", "/")) else f"{target}/", None)
    parts = urlsplit(target)
    try:
        port = parts.port
    except ValueError:
        raise PublishError("the port is no number below 65536", is_lasting=True) from None
    path = unquote(parts.path)
    if not parts.hostname or not path.strip("/"):
        raise PublishError(
            "give a host and a folder, such as ssh://user@example.com:22/var/www/status", is_lasting=True
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = f"{unquote(parts.username)}@" if parts.username else ""
    path = path.removeprefix("/") if path.startswith("/~") else path
    _refuse_options(f"{user}{host}")
    return _Address(f"{user}{host}:{path.rstrip('/')}/", port)


def _refuse_options(target: str) -> None:
    if target.startswith("-"):
        raise PublishError("a host's name does not begin with a dash", is_lasting=True)


def _explained(said: str) -> PublishError:
    for pattern, words, is_lasting in _WORDS:
        if match := re.search(pattern, said):
            line = next((line for line in said.splitlines() if match[0].split("\n")[0][:20] in line), said)
            return PublishError(f"{words} ({hushed(line.strip())})", is_lasting=is_lasting)
    lines = [line for line in said.splitlines() if line.strip()]
    return PublishError(hushed(lines[0] if lines else "rsync ended without a word"))
