"""stashgen sign: the manifest of a built site gets a signature."""

from __future__ import annotations

import os
from pathlib import Path

import click

from stashgen import sealing, signing
from stashgen.commands import options, site_settings
from stashgen.errors import StashgenError
from stashgen.files import SIGNATURE


@click.command
@options.directory
@options.output
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Private key, or the .pub file of one that ssh-agent holds.  [default: the text in STASHGEN_SIGNING_KEY]",
)
def sign(directory: Path, output: Path | None, key_file: Path | None) -> None:
    """Sign what was built, so that readers can tell it from what somebody else put there.

    The manifest lists every file with its hash; ssh-keygen signs it, with a key whose public half stands in
    `signing_keys` of site.yaml. The signature lies beside it until the next build changes something. Nothing is
    signed that is not as it was built.
    """
    settings = site_settings.read(directory)
    if settings is None:
        raise StashgenError(f"{directory.resolve()}: has no site-data/site.yaml, which says whose signature counts")
    folder = output or directory / "build"
    key = sealing.seal(folder, lambda data: _signed(data, key_file), site_settings.keys(settings))
    click.echo(f"Signed {folder / SIGNATURE} with {key.fingerprint}")


def _signed(data: bytes, key_file: Path | None) -> bytes:
    if key_file is not None:
        return signing.sign(data, key_file)
    private_key = os.environ.get(signing.KEY_VARIABLE, "")
    if not private_key:
        raise StashgenError(f"there is no key to sign with: give --key FILE, or set {signing.KEY_VARIABLE}")
    return signing.sign_with(data, private_key)
