"""A text written anew by ruamel.yaml, with its comments: for what cannot be patched, such as anchors."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, PlainScalarString

from stashgen.yamledit.aligning import is_same
from stashgen.yamledit.patching import OddError
from stashgen.yamlwrite import field, scalar

_ENDLESS: Final = 1 << 20
_START: Final = re.compile(r"^---\s*$", re.MULTILINE)
_END: Final = re.compile(r"^\.\.\.\s*$", re.MULTILINE)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_DASH: Final = re.compile(r"^( *)-( +)\S", re.MULTILINE)


class _Texts(VersionedResolver):
    """Takes every plain scalar for text, so that none is written in another way than it was."""

    @property
    def versioned_resolver(self) -> Any:
        return {}


def changed(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return a text of `old` as one of `new`; raise OddError."""
    yaml = YAML()
    yaml.Resolver = _Texts
    yaml.preserve_quotes = True
    yaml.width = _ENDLESS
    yaml.explicit_start = _START.search(text) is not None
    yaml.explicit_end = _END.search(text) is not None
    dash = _DASH.search(text)
    offset = len(dash[1]) if dash else 2
    yaml.indent(mapping=2, sequence=offset + 1 + (len(dash[2]) if dash else 1), offset=offset)
    stream = io.StringIO()
    try:
        tree = yaml.load(text)
        _update(tree, old, new)
        yaml.dump(tree, stream)
    except (YAMLError, AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
        raise OddError from error
    return stream.getvalue()


def _update(tree: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key in old:
        if key not in new:
            del tree[key]
    for place, key in enumerate(new):
        if key not in old:
            tree.insert(place, key, _made(new[key]))
        elif not is_same(old[key], new[key]):
            tree[key] = _inside(tree[key], old[key], new[key])


def _inside(tree: Any, old: Any, new: Any) -> Any:
    if isinstance(tree, CommentedMap) and isinstance(new, Mapping) and tree.anchor.value is None:
        _update(tree, old, new)
        return tree
    if isinstance(tree, CommentedSeq) and isinstance(new, list) and tree.anchor.value is None:
        for place in range(min(len(old), len(new))):
            if not is_same(old[place], new[place]):
                tree[place] = _in_lines(_inside(tree[place], old[place], new[place]))
        del tree[len(new) :]
        tree.extend(_in_lines(_made(one)) for one in new[len(old) :])
        return tree
    return _made(new)


def _in_lines(entry: Any) -> Any:
    if isinstance(entry, CommentedMap):
        entry.fa.set_block_style()
    return entry


def _made(value: Any) -> Any:
    if isinstance(value, Mapping):
        made = CommentedMap((key, _made(one)) for key, one in value.items())
        if field("k", value)[0].startswith("k: {"):
            made.fa.set_flow_style()
        return made
    if isinstance(value, Sequence) and not isinstance(value, str):
        return CommentedSeq(_made(one) for one in value)
    if isinstance(value, str):
        if field("k", value)[0].startswith("k: |"):
            return LiteralScalarString(value)
        is_plain = scalar(value) == value or _INSTANT.fullmatch(value)
        return PlainScalarString(value) if is_plain else DoubleQuotedScalarString(value)
    return PlainScalarString(scalar(value))
