"""The manifest of a built folder, signed: what was built on this machine is what a reader gets, or it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from stashgen import files, signing
from stashgen.errors import StashgenError
from stashgen.files import Target
from stashgen.signing import Key, SigningError


def seal(folder: Path, sign: Callable[[bytes], bytes], trusted: Sequence[Key]) -> Key:
    """Sign the manifest of a folder and put the signature beside it; return the key that it was signed with.

    Raises StashgenError, and writes nothing, where the folder is no build, where a file is not the one that was
    built, and where readers could not check the signature because the key is none of those trusted.
    """
    if files.stamp(folder / files.MANIFEST) is None:
        raise StashgenError(f"{folder}: there is no site to sign: `stashgen build` makes one")
    with files.open_target(folder) as target:
        _refuse_changed(target)
        manifest = (folder / files.MANIFEST).read_bytes()
        signature = sign(manifest)
        key = signing.read(signature).key
        if key not in trusted:
            raise SigningError(
                f"nobody could check it: the key {key.fingerprint} is not in `signing_keys` of site-data/site.yaml; "
                f"add this line there and build again: - {key.line}"
            )
        signing.verify(manifest, signature, trusted)
        files.write_atomic(folder / files.SIGNATURE, signature)
    return key


def _refuse_changed(target: Target) -> None:
    changed = list(files.changed(target.folder, target.manifest.files))
    if changed:
        others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise StashgenError(
            f"{target.path(changed[0])}{others}: not as it was built; nothing was signed: build again first"
        )
