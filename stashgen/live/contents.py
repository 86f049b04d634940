"""One file of a live site: whether it is there, has the right bytes, and comes with what it should."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from stashgen import hosting, urls
from stashgen.files import Entry, sha256_of
from stashgen.http import MOST_BYTES, Answer, HttpError, TooLargeError
from stashgen.live import headers
from stashgen.live.findings import Finding
from stashgen.live.heads import Head

# Hosts read these themselves; most do not give them to readers, who need none of them.
_FOR_HOSTS: Final = re.compile(r"(?:.*/)?\.[^/]*(?:/.*)?|_headers|_redirects|CNAME|vercel\.json|hosts/.*")
_NOT_FOUND: Final = re.compile(r"(?:.*/)?404\.(?:html|json)")


class Task(NamedTuple):
    """One file of one site; `site` is its number."""

    site: int
    path: str


def tasks(heads: Sequence[Head], *, is_quick: bool) -> list[Task]:
    """Return the files to look at, a site's turn after another's, so that a slow host does not hold up the others."""
    lists = [
        [Task(number, path) for path in sorted(head.expected) if not is_quick or hosting.turn(path) >= 2]
        for number, head in enumerate(heads)
    ]
    most = max(map(len, lists), default=0)
    return [one[place] for place in range(most) for one in lists if place < len(one)]


def look(head: Head, path: str) -> tuple[Finding, ...]:
    """Look at one file of a site."""
    try:
        answer = head.answers.get(path) or head.visit.ask(path)
    except TooLargeError:
        return (_too_large(path, head.expected[path]),)
    except HttpError as error:
        return (Finding(kind="unreachable", path=path, message=_without(head.visit.url, path, error)),)
    if _FOR_HOSTS.fullmatch(path):
        is_there = answer.status == 200 and not head.visit.is_missing(answer)
        return tuple(_bytes(head, path, answer)) if is_there else ()
    wrong = tuple(_bytes(head, path, answer))
    return wrong or tuple(headers.about(path, answer, head.origins))


def look_at_proofs(head: Head) -> Iterator[Finding]:
    """Yield what is wrong with the headers of manifest and signature."""
    for path in (urls.MANIFEST, urls.SIGNATURE):
        answer = head.answers.get(path)
        if answer is not None and answer.status == 200 and not head.visit.is_missing(answer):
            yield from headers.about(path, answer, head.origins)


def look_at_folders(head: Head) -> Iterator[Finding]:
    """Yield whether pages are found by their folders too, as feeds, calendars and search engines name them.

    A host does so for all or for none, so two of them are enough: the dashboard and another.
    """
    pages = [path for path in sorted(head.expected) if path.endswith(f"/{urls.DASHBOARD}")]
    for path in [*([urls.DASHBOARD] if urls.DASHBOARD in head.expected else []), *pages[-1:]]:
        folder = path.removesuffix(urls.DASHBOARD)
        try:
            is_same = _is_same(head, path, folder)
        except HttpError:
            continue
        if not is_same:
            message = f"is not what /{folder} gives, though links in feeds lead there"
            yield Finding(kind="missing", path=path, message=message)


def _is_same(head: Head, path: str, folder: str) -> bool:
    answer, entry = head.visit.ask(folder), head.expected[path]
    if answer.status == 200 and entry is not None and sha256_of(answer.body) == entry.sha256:
        return True
    file = head.answers.get(path) or head.visit.ask(path)
    if file.status != 200 or (entry is not None and sha256_of(file.body) != entry.sha256):
        return True  # it is not right by its own name either, which is told already
    return answer.status == 200 and answer.body == file.body


def _bytes(head: Head, path: str, answer: Answer) -> Iterator[Finding]:
    entry = head.expected.get(path)
    if entry is not None and sha256_of(answer.body) == entry.sha256:
        if answer.status != 200 and not _NOT_FOUND.fullmatch(path):
            yield Finding(kind="missing", path=path, message=f"comes with status {answer.status}")
        return
    if head.visit.is_missing(answer):
        yield Finding(kind="missing", path=path, message=_missing(answer))
    elif answer.status != 200:
        yield Finding(kind="missing", path=path, message=f"is answered with status {answer.status}")
    elif entry is not None:
        yield _altered(path, answer, entry, head.listed)


def _too_large(path: str, entry: Entry | None) -> Finding:
    if entry is not None and entry.size > MOST_BYTES:
        message = f"has more than {MOST_BYTES // 2**20} MiB: it is there, but its bytes were not looked at"
        return Finding(kind="unchecked", path=path, message=message, severity="warning")
    return Finding(kind="altered", path=path, message=f"has more than {MOST_BYTES // 2**20} MiB")


def _missing(answer: Answer) -> str:
    if answer.status == 200:
        return "is not there: the host answers with another page and status 200"
    return f"is not there (status {answer.status})"


def _altered(path: str, answer: Answer, entry: Entry, live: Mapping[str, Entry]) -> Finding:
    listed = live.get(path)
    if listed is not None and listed.sha256 == sha256_of(answer.body):
        return Finding(kind="stale", path=path, message="is the one of another build")
    # A host that adds its own lines adds the same to all pages: they are told on one line.
    more = len(answer.body) - entry.size
    what = f"{abs(more)} bytes {'more' if more > 0 else 'less'} than" if more else "other bytes than"
    return Finding(kind="altered", path=path, message=f"has {what} the manifest says")


def _without(url: str, path: str, error: HttpError) -> str:
    return str(error).removeprefix(f"{url}{path}: ")
