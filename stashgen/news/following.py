"""A ledger follows what it knows to its present names: a renamed file, a corrected time or plan is no news."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from stashgen.news.items import Item
from stashgen.news.ledger import Entry, Ledger


def followed(ledger: Ledger, items: Sequence[Item]) -> Ledger:
    """Return a ledger that knows things by the names that they have now."""
    entries = _renamed(ledger.entries, items)
    here = {item.key for item in items}
    gone = [key for key in entries if key not in here]
    for item in items if gone else ():
        former = next(_former(item, gone, entries), None) if item.key not in entries else None
        if former is not None:
            gone.remove(former)
            entries[item.key] = replace(entries.pop(former), at=item.at)
    return replace(ledger, entries=entries)


def _former(item: Item, gone: Sequence[str], entries: Mapping[str, Entry]) -> Iterator[str]:
    """Yield what an item may have been known as, before somebody corrected its time."""
    for key in gone:
        event, _, name = key.partition("/")
        if event != item.event:
            continue
        entry = entries[key]
        # That a plan began was told; that it began a little earlier is no news, that it begins tomorrow will be.
        is_turn = item.update is None and item.tags and name.startswith(f"{item.state}-")
        if (item.said and entry.said == item.said) or (is_turn and item.at <= entry.learnt_at):
            yield key


def _renamed(entries: Mapping[str, Entry], items: Sequence[Item]) -> dict[str, Entry]:
    """Return entries in which an event whose file was renamed goes by its new name, whatever else was edited."""
    names_by_event: dict[str, dict[str, str]] = {}  # event -> name of an update -> what it says
    for item in items:
        words = names_by_event.setdefault(item.event, {})
        if item.update is not None:
            words[item.key.partition("/")[2]] = item.said
    new = [event for event in names_by_event if event not in entries]
    new_by_old: dict[str, str] = {}
    for old in [key for key in entries if "/" not in key and key not in names_by_event] if new else ():
        known = _words(entries, old)
        match = next((event for event in new if _is_same(known, names_by_event[event])), None)
        if match is not None:
            new.remove(match)
            new_by_old[old] = match
    return {_moved(key, new_by_old): entry for key, entry in entries.items()} if new_by_old else dict(entries)


def _words(entries: Mapping[str, Entry], event: str) -> dict[str, str]:
    names = (
        (key.removeprefix(f"{event}/"), entry.said) for key, entry in entries.items() if key.startswith(f"{event}/")
    )
    return {name: said for name, said in names if name[:1].isdigit()}  # as those of updates do, with their time


def _is_same(known: Mapping[str, str], words: Mapping[str, str]) -> bool:
    if any(said and words.get(name) == said for name, said in known.items()):
        return True
    return bool(known) and known.keys() <= words.keys()


def _moved(key: str, new_by_old: Mapping[str, str]) -> str:
    event, slash, name = key.partition("/")
    return f"{new_by_old.get(event, event)}{slash}{name}"
