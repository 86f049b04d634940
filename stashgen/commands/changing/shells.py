"""The shells that can complete our commands: scripts to source, and what bash needs beyond what Click does.

Bash cuts words at `=` and `:`, so that `api=do` and `10:02` come as three; and it puts a space behind what it has
completed, which would be wrong after `api=`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import click
from click.shell_completion import (
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

VARIABLE: Final = "_STASHGEN_COMPLETE"
_BREAKS: Final = ("=", ":")
_BASH: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' reply type value
    COMPREPLY=()
    reply=$(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null)
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value"); [[ $value == *= ]] && compopt -o nospace ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done <<< "$reply"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Bash(ShellComplete):
    """Bash from 4.4 on."""

    name = "bash"
    source_template = _BASH
    _begun = ""  # what bash has already taken of the word that is being completed

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and that one, as they were typed."""
        raw = split_arg_string(os.environ["COMP_WORDS"])
        place = int(os.environ["COMP_CWORD"])
        current = raw[place] if place < len(raw) else ""
        words = _rejoined([*raw[:place], current])
        typed = "" if current in _BREAKS else current
        self._begun = words[-1][: len(words[-1]) - len(typed)]
        return words[1:-1], words[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return what bash puts where the current word began."""
        return f"{item.type},{str(item.value).removeprefix(self._begun)}"


SHELLS: Final[Mapping[str, type[ShellComplete]]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


def register() -> None:
    """Let Click know of our bash."""
    add_completion_class(_Bash)


def script(shell: str, program: click.Command, name: str) -> str:
    """Return the script that a shell sources."""
    return SHELLS[shell](program, {}, name, VARIABLE).source().rstrip("\n")


def _rejoined(words: list[str]) -> list[str]:
    joined: list[str] = []
    is_open = False
    for word in words:
        if joined and (word in _BREAKS or is_open):
            joined[-1] += word
        else:
            joined.append(word)
        is_open = word in _BREAKS
    return joined
