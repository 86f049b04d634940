"""The lists that have to stand in files of a code host: services and statuses in its forms, secrets that a job needs.

Only the lists are written again; all else in such a file may have been changed by hand. A list is known by the comment
on the line that begins it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from stashgen.model import BUILT_IN_STATUSES, Site

BUILT_IN: Final = tuple(BUILT_IN_STATUSES)

_LIST: Final = re.compile(
    r"^(?P<indent> *)(?:# )?(?P<head>options: # (?P<what>services|statuses)(?P<none>, or nothing)?;.*\n)"
    r"(?: +- .*(?:\n|$))*",
    re.MULTILINE,
)
# https://docs.gitlab.com/ci/yaml/#specinputsoptions; without a list the field takes any text, and the job refuses.
_GITLAB_TAKES: Final = 50
_SECRETS: Final = re.compile(
    r"^(?P<indent> *)(?P<head># secrets; .*\n)(?:(?P=indent)\w+: \$\{\{ secrets\.\w+ \}\}(?:\n|$))*", re.MULTILINE
)
# GitHub keeps this word in dropdowns for itself.
_RESERVED: Final = "none"


class Choices(NamedTuple):
    """What one can choose from, by id, in the order of the page; and the variables that hold where news is sent."""

    services: tuple[str, ...]
    statuses: tuple[str, ...]
    secrets: tuple[str, ...] = ()


def of(site: Site) -> Choices:
    """Return the choices that a site gives."""
    shown = [name for name, service in site.services.items() if not service.hidden]
    statuses = sorted(site.statuses, key=lambda name: site.statuses[name].level.rank)
    services = tuple(sorted(shown, key=lambda name: _place(site, name)))
    secrets = dict.fromkeys(channel.urls_from for channel in site.notifications.channels)
    return Choices(services=services, statuses=tuple(statuses), secrets=tuple(secrets))


def _place(site: Site, name: str) -> tuple[object, ...]:
    service = site.services[name]
    group = site.groups.get(service.group or "")
    before = (1, group.order, group.name) if group else (0, 0, "")
    return (*before, service.order, service.name)


def refreshed(text: str, lists: Choices) -> str:
    """Return the text of a file with its lists as they should be; a list that would be empty stays as it is.

    A list that is too long for GitLab becomes a comment, until it fits again.
    """

    def rewritten(match: re.Match[str]) -> str:
        names = [name for name in getattr(lists, match["what"]) if name != _RESERVED]
        if not names:
            return match[0]
        if match["none"] and len(names) >= _GITLAB_TAKES:
            return f"{match['indent']}# {match['head']}"
        items = [*([""] if match["none"] else []), *names]
        # In quotes, because `on` and `2024` are ids too.
        return match["indent"] + match["head"] + "".join(f'{match["indent"]}  - "{name}"\n' for name in items)

    return _SECRETS.sub(lambda match: _secrets(match, lists.secrets), _LIST.sub(rewritten, text))


def _secrets(match: re.Match[str], names: tuple[str, ...]) -> str:
    # GitHub lets no secret begin so, and what the runner itself sets must stay.
    known = [name for name in names if not name.upper().startswith(("GITHUB_", "RUNNER_"))]
    lines = [f"{match['indent']}{name}: ${{{{ secrets.{name} }}}}\n" for name in known]
    return match["indent"] + match["head"] + "".join(lines)
