"""A real sshd on loopback, as an ordinary process with keys and settings of its own."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from webservers import PATIENCE_SECONDS, free_port, program


class SshHost(NamedTuple):
    """A host that lets one key in."""

    port: int
    user: str
    key: str  # the private key
    known: str  # what known_hosts has to say of it

    def target(self, path: Path) -> str:
        """Return the address of a folder there."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}{path}"


@contextmanager
def ssh_host(scratch: Path) -> Iterator[SshHost]:
    """Run sshd until the block ends; `scratch` is a folder for its files."""
    for name in ("host", "user"):
        subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", scratch / name], check=True)
    (scratch / "authorized").write_bytes((scratch / "user.pub").read_bytes())
    if os.geteuid() == 0:  # else its service makes it
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    settings = scratch / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {scratch / 'host'}\nPidFile {scratch / 'pid'}\nUsePAM no\n"
        f"AuthorizedKeysFile {scratch / 'authorized'}\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin yes\n"
    )
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen([program("sshd"), "-D", "-e", "-f", str(settings)], stderr=log)
    try:
        _await(port, process)
        public = (scratch / "host.pub").read_text().split()
        known = f"[127.0.0.1]:{port} {public[0]} {public[1]}\n"
        yield SshHost(port, getpass.getuser(), (scratch / "user").read_text(), known)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "sshd ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("sshd does not answer")
