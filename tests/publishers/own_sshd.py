"""An ssh server of the test's own on loopback: own keys, own settings, an ordinary process."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from webservers import free_port, program

PATIENCE_SECONDS: Final = 60
_SEPARATION: Final = Path("/run/sshd")  # where sshd wants to lock up what it does not trust, when root runs it


class Sshd(NamedTuple):
    """A server that runs, and what a client needs."""

    folder: Path
    port: int
    user: str

    def settings(self, *, key: str = "key", hosts: str = "known_hosts") -> Path:
        """Write a client's settings with one of the keys and one of the lists of known hosts."""
        path = self.folder / f"client-{key}-{hosts}"
        path.write_text(
            f"Host *\nIdentityFile {self.folder / key}\nIdentitiesOnly yes\nIdentityAgent none\n"
            f"UserKnownHostsFile {self.folder / hosts}\nGlobalKnownHostsFile /dev/null\n"
        )
        return path

    def rsh(self, *, key: str = "key", hosts: str = "known_hosts", port: int | None = None) -> dict[str, str]:
        """Return the environment with which rsync reaches the server."""
        words = ["ssh", "-F", str(self.settings(key=key, hosts=hosts)), *(["-p", str(port)] if port else [])]
        return {"RSYNC_RSH": shlex.join(words)}

    def target(self, path: Path) -> str:
        """Return a folder of this machine as a target there."""
        return f"{self.user}@127.0.0.1:{path}"


def _key(path: Path) -> str:
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path.with_name(f"{path.name}.pub").read_text()


@contextmanager
def sshd_running(folder: Path, restricted: Path) -> Iterator[Sshd]:
    """Run a server until the block ends; the key `jailed` can only rsync, and only below `restricted`."""
    if os.getuid() == 0:
        _SEPARATION.mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    jail = f'restrict,command="{program("rrsync")} {shlex.quote(str(restricted))}" '
    (folder / "authorized").write_text(_key(folder / "key") + jail + _key(folder / "jailed"))
    _key(folder / "stranger")
    host, other = _key(folder / "host"), _key(folder / "other")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}")
    (folder / "other_hosts").write_text(f"[127.0.0.1]:{port} {other}")
    (folder / "no_hosts").write_text("")
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'authorized'}\n"
        f"PidFile {folder / 'pid'}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
        "KbdInteractiveAuthentication no\nMaxStartups 100\n"
    )
    with (folder / "log").open("wb") as log:
        command = [program("sshd"), "-D", "-e", "-f", str(folder / "sshd_config")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _await(folder, port, process)
        yield Sshd(folder, port, getpass.getuser())
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _await(folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"sshd did not come up: {(folder / 'log').read_text()}")


def held_rsh(sshd: Sshd, folder: Path, *, at: int) -> dict[str, str]:
    """Return the environment with which rsync stops before the connection of a number, until `open` is in the folder.

    `held` is there from then on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "remote-shell"
    settings = shlex.quote(str(sshd.settings()))
    script.write_text(
        f"""#!/bin/sh
cd {shlex.quote(str(folder))} || exit 1
echo x >> count
if [ "$(wc -l < count)" -eq {at} ]; then
    : > held
    while [ ! -e open ]; do sleep 0.02; done
fi
exec {shutil.which("ssh")} -F {settings} -p {sshd.port} -o BatchMode=yes "$@"
"""
    )
    script.chmod(0o755)
    return {"RSYNC_RSH": shlex.quote(str(script))}
