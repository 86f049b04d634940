"""What people and attackers type where a shell might be behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HOSTILE: Final = (
    "$(touch pwned) `touch pwned` ${IFS}touch${IFS}pwned $HOME $CI_JOB_TOKEN",
    '"; touch pwned; echo "',
    "'; touch pwned; echo '",
    "first\n\nsecond\ntouch pwned\n",
    "first\r\nsecond",
    "--push --title=pwned",
    "-",
    "-- touch pwned",
    "Wir prüfen es. \U0001f525 عذرًا",
    "${{ github.token }} $[[ inputs.title ]] {{ set.x }} @@version@@ %s %n \\n \\x41",
    "* ? [a-z] ~ ! # & | < > ; \\",
)
EVERYTHING: Final = "\n\n".join(HOSTILE).replace("\r\n", "\n")


def pwned(*folders: Path) -> list[Path]:
    """Return the files that a text has made which became a command."""
    return [path for folder in folders for path in folder.rglob("*") if path.name == "pwned"]
