"""Problems on the terminal: the one place that knows their written forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from msgspec import structs

from stashgen.commands.options import ProblemFormat
from stashgen.errors import Problem

# Stdout is then one document: whatever else is said goes to stderr.
DOCUMENTS: Final = frozenset({"json", "gitlab"})

_COLORS: Final = {"error": "red", "warning": "yellow"}
# GitHub's workflow commands: a message may not hold raw % or line ends, a property neither , nor : either.
_MESSAGE_ESCAPES: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_GITLAB_SEVERITIES: Final = {"error": "major", "warning": "minor"}
_PROPERTY_ESCAPES: Final = _MESSAGE_ESCAPES | str.maketrans({",": "%2C", ":": "%3A"})


def echo(
    problems: Sequence[Problem], problem_format: ProblemFormat, project: Path = Path(), *, is_stderr: bool = False
) -> None:
    """Print problems: one a line as text or GitHub annotations, or one JSON document with all of them.

    For machines paths begin where they called us, not in the project folder.
    """
    if problem_format == "text":
        for problem in problems:
            click.echo(line(problem), err=is_stderr)
        return
    placed = [structs.replace(problem, path=(project / problem.path).as_posix()) for problem in problems]
    if problem_format == "json":
        click.echo(as_json(placed), err=is_stderr)
    elif problem_format == "gitlab":
        click.echo(code_quality(placed), err=is_stderr)
    else:
        for problem in placed:
            click.echo(annotation(problem), err=is_stderr)


def counted(problems: Sequence[Problem]) -> str:
    """Return how many of each kind there are, such as `2 errors, 1 warning`; "" for none."""
    counts: Mapping[str, int] = {
        severity: sum(problem.severity == severity for problem in problems) for severity in ("error", "warning")
    }
    return ", ".join(f"{count} {word}{'s' * (count != 1)}" for word, count in counts.items() if count)


def as_json(problems: Sequence[Problem]) -> str:
    """Return `{"version": 1, "errors": n, "warnings": n, "problems": [...]}`, each problem with all its fields."""
    errors = sum(problem.severity == "error" for problem in problems)
    facts = {"version": 1, "errors": errors, "warnings": len(problems) - errors, "problems": problems}
    return msgspec.json.format(msgspec.json.encode(facts), indent=2).decode()


def annotation(problem: Problem) -> str:
    """Return a GitHub workflow command that shows the problem beside its line.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    places = {"file": problem.path, "line": problem.line, "col": problem.column, "title": problem.field}
    properties = ",".join(
        f"{name}={str(value).translate(_PROPERTY_ESCAPES)}" for name, value in places.items() if value
    )
    return f"::{problem.severity} {properties}::{problem.message.translate(_MESSAGE_ESCAPES)}"


def code_quality(problems: Sequence[Problem]) -> str:
    """Return a report that GitLab shows beside the lines of a merge request.

    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    seen = Counter[str]()
    found = []
    for problem in problems:
        key = "\0".join((problem.path, problem.field, problem.message))
        # Without the line, so that a problem stays the same one when lines are added above it; with a number, because
        # GitLab shows only one of those that share a fingerprint.
        found.append(_quality_issue(problem, sha256(f"{key}\0{seen[key]}".encode(errors="replace")).hexdigest()))
        seen[key] += 1
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _quality_issue(problem: Problem, fingerprint: str) -> Mapping[str, Any]:
    said = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return {
        "description": said,
        "check_name": "stashgen",
        "fingerprint": fingerprint,
        "severity": _GITLAB_SEVERITIES[problem.severity],
        "location": {"path": problem.path, "lines": {"begin": max(problem.line, 1)}},
    }


def line(problem: Problem) -> str:
    """Return `path:line: field: message` with the place in the colour of its severity."""
    place, separator, rest = str(problem).partition(": ")
    return f"{click.style(place, fg=_COLORS[problem.severity])}{separator}{rest}"
