"""A writer of the storm: python writer.py SITE NAME ACKNOWLEDGED SHARED."""

from __future__ import annotations

import itertools
import os
import random
import sys
from pathlib import Path

from clones import incident, opened, word

from stashgen.errors import StashgenError
from stashgen.intents import Author
from stashgen.repository import Wishes


def write(site: Path, name: str, acknowledged: Path, shared: str) -> None:
    """Change the site again and again, and note each change that was acknowledged."""
    chance = random.Random(name)
    with opened(site) as repository:
        for number in itertools.count():
            token = f"{name}-{number}"
            intent = word(shared, f"Word {token}.") if chance.random() < 0.5 else incident(f"Incident {token}")
            try:
                applied = repository.apply(intent, Author(name=name), Wishes(key=token, has_suffix=True))
            except StashgenError as error:
                print(f"{token}: {error}", file=sys.stderr)
            else:
                with acknowledged.open("ab", buffering=0) as file:
                    file.write(f"{applied.change_id} {token}\n".encode())
            if chance.random() < 0.3:
                repository.push(seconds=10)


if __name__ == "__main__":
    print("ready", flush=True)
    write(Path(sys.argv[1]), f"{sys.argv[2]}-{os.getpid()}", Path(sys.argv[3]), sys.argv[4])
