"""What a build publishes for programs, read as a program would: from its own index, description and schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from jsonschema_rs import Draft202012Validator

# What describes the others, what the build keeps for itself, and what is the site's owner's.
UNDESCRIBED: Final = re.compile(
    r"openapi\.json|schemas/[^/]+\.schema\.json|stashgen-manifest\.json|vercel\.json|static/.*"
)


class Kind(NamedTuple):
    """One kind of file as the index lists it."""

    family: str
    entry: Mapping[str, Any]
    pattern: re.Pattern[str]  # of its paths


class Published:
    """A built site."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> Any:
        """Return a JSON file."""
        return json.loads((self.root / path).read_text(encoding="utf-8"))

    @cached_property
    def files(self) -> list[str]:
        """Return the paths of all files."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())

    @cached_property
    def index(self) -> Mapping[str, Any]:
        """Return the index."""
        found: Mapping[str, Any] = self.read("api/index.json")
        return found

    @cached_property
    def described(self) -> Mapping[str, Any]:
        """Return the OpenAPI description."""
        found: Mapping[str, Any] = self.read("openapi.json")
        return found

    @cached_property
    def schemas(self) -> Mapping[str, dict[str, Any]]:
        """Return the JSON Schemas by their paths."""
        return {path: self.read(path) for path in self.files if path.startswith("schemas/")}

    @cached_property
    def kinds(self) -> list[Kind]:
        """Return the kinds of files that the index lists."""
        return [
            Kind(family["name"], entry, self._pattern(entry["path"]))
            for family in self.index["families"]
            for entry in family["files"]
        ]

    def kinds_of(self, path: str) -> list[Kind]:
        """Return the kinds that a file may be: a path with fewer holes says more."""
        found = [kind for kind in self.kinds if kind.pattern.fullmatch(path)]
        fewest = min((len(kind.entry["holes"]) for kind in found), default=0)
        return [kind for kind in found if len(kind.entry["holes"]) == fewest]

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with the JSON files of the site, by the schemas that it publishes."""
        validators = {
            path: Draft202012Validator(schema, validate_formats=True) for path, schema in self.schemas.items()
        }
        for path in self.files:
            if path.endswith(".json") and not UNDESCRIBED.fullmatch(path):
                schemas = [kind.entry["schema"] for kind in self.kinds_of(path)]
                if len(schemas) != 1 or schemas[0] is None:
                    yield f"{path}: is described {len(schemas)} times: {schemas}"
                else:
                    for error in validators[schemas[0]].iter_errors(self.read(path)):
                        yield f"{path}: {'/'.join(map(str, error.instance_path))}: {error.message}"

    def expanded(self, kind: Kind) -> list[str]:
        """Return the paths of a kind for every service, group or nothing; none where other things are missing."""
        holes, template = kind.entry["holes"], kind.entry["path"]
        if not holes:
            return [template]
        if holes in (["service"], ["group"]):
            return [template.format(**{holes[0]: one["id"]}) for one in self.index[f"{holes[0]}s"]]
        return []

    def _pattern(self, template: str) -> re.Pattern[str]:
        item = self.described["paths"].get(f"/{template}", {})
        pattern_by_hole = {one["name"]: one["schema"]["pattern"] for one in item.get("parameters", ())}
        parts = re.split(r"{([a-z_]+)}", template)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = [unanchored(pattern_by_hole.get(name, "^[^/.]+$")) for name in parts[1::2]]
        return re.compile("".join(parts))


def unanchored(pattern: str) -> str:
    """Return a pattern without its anchors, to stand inside another one."""
    return "(?:" + pattern.removeprefix("^").replace(r"$(?!\n)", "$").removesuffix("$") + ")"
