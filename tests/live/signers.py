"""Keys made by ssh-keygen, and sites that are signed with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from door import NOW, run_stashgen, write_files
from live_host import SMALL


class Signer(NamedTuple):
    """Somebody with a key: the private half in a file, the public one in another."""

    file: Path

    @property
    def public(self) -> str:
        """Return the public key as a line."""
        return self.public_file.read_text().strip()

    @property
    def public_file(self) -> Path:
        """Return the file with the public key."""
        return self.file.with_name(f"{self.file.name}.pub")

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint as ssh-keygen tells it."""
        return keygen("-l", "-f", str(self.public_file)).split()[1]


def signer(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> Signer:
    """Make a key."""
    folder.mkdir(parents=True, exist_ok=True)
    keygen("-q", "-t", kind, "-N", passphrase, "-C", f"{name} <{name}@example.com>", "-f", str(folder / name))
    return Signer(folder / name)


def keygen(*arguments: str) -> str:
    """Run ssh-keygen and return what it printed."""
    done = subprocess.run(["ssh-keygen", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def settings_with(*signers: Signer) -> str:
    """Return site.yaml of the small site with the keys of these people."""
    return SMALL["site-data/site.yaml"] + "signing_keys:\n" + "".join(f"  - {one.public}\n" for one in signers)


def built_with(folder: Path, *signers: Signer, now: str = NOW) -> Path:
    """Build the small site with keys in a project folder; return that folder."""
    write_files(folder, {**SMALL, "site-data/site.yaml": settings_with(*signers)})
    result = run_stashgen("build", "-C", folder, "--now", now, cwd=folder)
    assert result.code == 0, result.err
    return folder


def signed(project: Path, by: Signer) -> Path:
    """Sign what is built there; return the folder of the site."""
    result = run_stashgen("sign", "-C", project, "--key", by.file, cwd=project)
    assert result.code == 0, result.err
    return project / "build"


def copied(project: Path, to: Path) -> Path:
    """Return a copy of a project."""
    return shutil.copytree(project, to)
