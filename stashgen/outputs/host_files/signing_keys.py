"""signing-keys.txt: who may sign what is published, as `ssh-keygen -Y verify` reads it."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import signing, urls
from stashgen.outputs.context import Context
from stashgen.signing import SigningError


def signing_keys(context: Context) -> Iterator[tuple[str, str]]:
    """Yield path and text of the file, for a site with keys.

    It helps a reader who has nothing else; who wants proof takes the keys from a place of his own.
    """
    trusted: list[signing.Key] = []
    for line in context.board.settings.signing_keys:
        try:
            trusted += signing.keys(line, "signing_keys")
        except SigningError:  # a rule says so when site-data is checked
            continue
    if trusted:
        yield urls.SIGNING_KEYS, signing.allowed_signers(trusted)
