"""What is wrong with a YAML file as such -> one problem in plain words, with its line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, Final

from yaml import YAMLError

from stashgen.errors import Problem
from stashgen.text import printable, quoted

COLLECTION_AS_KEY: Final = "a key is one word: text that begins with `{` or `[` is put in quotes"

_BOM: Final = codecs.BOM_UTF8
_UTF16_BOMS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TAG_DIRECTIVE: Final = re.compile(rb"^%TAG", re.MULTILINE)
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|(?<!^)\ufeff")

# libyaml's words (a part of them) -> ours; {char} is the character at the place, {pair} that and the next.
_SENTENCES: Final = (
    ("found a tab character", "a tab cannot indent: use spaces"),
    ("mapping values are not allowed", "`: ` cannot stand here: put the text in quotes, or mend the indentation"),
    ("could not find expected ':'", "this line is no `key: value`: mend its indentation, or add the `:`"),
    ("did not find expected key", "the line fits no level of indentation above it (the map began in line {line})"),
    ("did not find expected '-' indicator", "the line belongs to the list begun in line {line}, and lacks its `- `"),
    ("did not find expected ',' or ']'", "the list that begins here with `[` is not closed: `,` or `]` is missing"),
    ("did not find expected ',' or '}'", "the map that begins here with `{{` is not closed: `,` or `}}` is missing"),
    ("found unexpected end of stream", "the text in quotes that begins here is not closed"),
    ("found unexpected document indicator", "the text in quotes that begins here is not closed"),
    ("while scanning an alias", "text that begins with `*` is put in quotes, or written below `|`"),
    ("while scanning an anchor", "text that begins with `&` is put in quotes, or written below `|`"),
    ("while scanning a directive", "text that begins with `%` is put in quotes"),
    ("while scanning a tag", "text that begins with `!` is put in quotes"),
    ("while parsing a tag", "text that begins with `!` is put in quotes"),
    ("while parsing a node", "text that begins with `!` is put in quotes"),
    ("found unknown escape character", "{pair} is no escape: use single quotes, in which `\\` is only itself"),
    ("did not find expected hexdecimal number", "an escape lacks its digits: use single quotes"),
    ("found invalid Unicode character escape code", "the escape names no character of Unicode"),
    ("block sequence entries are not allowed", "`- ` cannot stand here: begin the list in a line of its own"),
    ("block mapping entries are not allowed", "`? ` cannot stand here: put the text in quotes"),
    ("mapping keys are not allowed", "`? ` cannot stand here: put the text in quotes"),
    ("did not find expected node content", "a value is missing here, or text that begins with {char} is put in quotes"),
    ("did not find expected <document start>", "this line belongs to nothing above it: mend its indentation"),
    ("did not find expected comment or line break", "after `|` or `>` the text begins in the next line"),
    ("found an indentation indicator equal to 0", "after `|` or `>` the text begins in the next line"),
    ("incompatible YAML document", "only YAML 1.1 and 1.2 are read: delete the line that begins with %YAML"),
    ("duplicate %YAML directive", "only one line may begin with %YAML: delete it"),
)  # fmt: skip
_TOO_DEEP: Final = "exceeded maximum nesting depth"  # https://github.com/yaml/libyaml/blob/0.2.6/src/scanner.c
# What is not closed is shown where it was opened, and a line that is no key where it begins.
_OPENED: Final = ("expected ',' or", "unexpected end of stream", "unexpected document indicator", "find expected ':'")


def before_parsing(data: bytes, path: str) -> Problem | None:
    """Refuse what libyaml would read in another way than an editor shows it, or slowly."""
    if data.startswith(_UTF16_BOMS):
        return Problem(path=path, line=1, column=1, message="is UTF-16: save it as UTF-8")
    if b"%TAG" in data and (match := _TAG_DIRECTIVE.search(data)):
        line, column = _place(data, match.start())
        return Problem(path=path, line=line, column=column, message="tags are not read: delete the line")
    return None


def cautions(data: bytes, path: str) -> Iterator[Problem]:
    """Yield warnings about bytes that are read, but should not be there."""
    if data.startswith(_BOM):
        yield _caution(path, 1, "begins with a byte order mark (BOM): save it as UTF-8 without one")
    if b"\r" in data:
        line, _ = _place(data, data.index(b"\r"))
        ends = "line ends of Windows (CRLF)" if b"\r\n" in data else "old line ends (CR)"
        yield _caution(path, line, f"has {ends}: save it with LF")


def above_the_depths(error: YAMLError, data: bytes) -> bytes | None:
    """Return what stands before the place that libyaml found nested too deep; None: it gave up for another reason.

    Whatever begins with a bracket may be a key, so libyaml reads a thousand brackets ahead and gives up before it tells
    of the first. What stands before is still far deeper than we read, and shows where that begins.
    """
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None or _TOO_DEEP not in (getattr(error, "problem", None) or ""):
        return None
    before = data.decode("utf-8", "replace")[: mark.index].encode()
    return before if len(before) < len(data) else None


def explained(error: YAMLError, data: bytes, path: str) -> Problem:
    """Return the one problem that made libyaml give up."""
    return _encoding_problem(data, path) or _syntax_problem(error, data, path)


def unknown_alias(name: str) -> str:
    """Say that `*name` repeats nothing."""
    remedy = "text that begins with `*` is put in quotes, or written below `|`"
    return f"`*{printable(name)}` repeats nothing above: {remedy}"


def short_tag(tag: str) -> str:
    """Return a tag as it is written."""
    return tag.replace("tag:yaml.org,2002:", "!!", 1)


def _caution(path: str, line: int, message: str) -> Problem:
    return Problem(path=path, line=line, column=1, message=message, severity="warning")


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of a byte; columns count characters."""
    before = data[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1


def _encoding_problem(data: bytes, path: str) -> Problem | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        byte = f"byte 0x{data[error.start]:02X} is not UTF-8"
        return Problem(
            path=path, line=line, column=column, message=f"{byte}: save the file as UTF-8{_guess(data, error.start)}"
        )
    match = _FORBIDDEN.search(text)
    if match is None:
        return None
    line, column = _place(data, len(text[: match.start()].encode()))
    what = "NUL bytes: it is UTF-16 or no text at all; save it as UTF-8" if match.group() == "\0" else (
        f"the control character U+{ord(match.group()):04X}: delete it"
    )  # fmt: skip
    return Problem(path=path, line=line, column=column, message=f"holds {what}")


def _guess(data: bytes, offset: int) -> str:
    if b"\0" in data:
        return " (it may be UTF-16 now)"
    if data[offset] == 0xED and b"\xa0" <= data[offset + 1 : offset + 2] <= b"\xbf":
        return " (it is half of a surrogate pair)"
    return " (it is probably Latin-1 or Windows-1252 now)"


def _syntax_problem(error: YAMLError, data: bytes, path: str) -> Problem:
    words = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or error}".strip()
    began: Any = getattr(error, "context_mark", None)
    stopped: Any = getattr(error, "problem_mark", None) or began
    mark = began if began and any(part in words for part in _OPENED) else stopped
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    lines = data.decode("utf-8", "replace").splitlines()
    if line > len(lines) > 0:
        # libyaml finds the end of a file below its last line, where no editor can show anything.
        line, column = len(lines), len(lines[-1]) + 1
    rest = lines[line - 1][column - 1 :] if lines and line else ""
    sentence = _sentence(words, rest, began.line + 1 if began else line)
    return Problem(path=path, line=line, column=column, message=sentence)


def _sentence(words: str, rest: str, began: int) -> str:
    char = "a backtick" if rest.startswith("`") else quoted(rest[:1])
    if "cannot start any token" in words:
        is_tab = rest.startswith("\t")
        return "a tab cannot indent: use spaces" if is_tab else f"text that begins with {char} is put in quotes"
    if "expected node content" in words and not rest:
        return "a value is missing here, or a `[` or `{` above is not closed"
    for part, sentence in _SENTENCES:
        if part in words:
            return sentence.format(char=char, pair=quoted(rest[:2]), line=began)
    return f"is not valid YAML: {printable(words)}"
