"""The bytes of one file -> its one document."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from yaml import YAMLError
from yaml._yaml import CParser

from stashgen.errors import Problem
from stashgen.yamlio import syntax
from stashgen.yamlio.builder import Builder, RefusedError, Shape


class Parsed(NamedTuple):
    """Plain data and what is to be said about it; with an error among the problems the data is not to be used."""

    value: object
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether no problem is an error."""
        return all(problem.severity != "error" for problem in self.problems)


def parse(data: bytes, path: str, shape: Shape, zone: dt.tzinfo) -> Parsed:
    """Read one document of plain data: dict, list, str, int, float, bool, None and UTC datetimes.

    `path` names the file in problems, `zone` is that of instants written without one.
    """
    refused = syntax.before_parsing(data, path)
    if refused is not None:
        return Parsed(None, (refused,))
    builder = Builder(path, shape, zone)
    try:
        builder.run(CParser(data))
    except RefusedError as error:
        return Parsed(None, (error.problem,))
    except YAMLError as error:
        shallow = syntax.above_the_depths(error, data)
        if shallow is not None:
            return parse(shallow, path, shape, zone)
        return Parsed(None, (syntax.explained(error, data, path),))
    value = builder.root[0] if builder.root else None
    if value is None:
        builder.problems.append(Problem(path=path, message="is empty: give it content or delete the file"))
    return Parsed(value, (*syntax.cautions(data, path), *builder.problems))
