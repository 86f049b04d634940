"""Make a site of the manual: the pages of docs/ and those that they lead to elsewhere in the repository.

    python docs/manual.py OUT [--source URL]

All pages lie side by side in the site, so relative links are written anew. What is linked and is no page, such as a
program, is shown by the code host below the URL (`https://host/owner/repository/blob/COMMIT`); without one, the words
stay and the link goes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sphinx.cmd.build import main as sphinx

REPOSITORY: Final = Path(__file__).resolve().parent.parent
DOCS: Final = REPOSITORY / "docs"
ELSEWHERE: Final[Mapping[str, str]] = {
    "README.md": "about.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
    ".github/actions/build/README.md": "action.md",
}
FENCE: Final = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"(!?)\[([^\]\n]*)\]\(([^)\s]+)\)|((?:src|srcset|href)=\")([^\"]+)(?=\")")
ENTRY: Final = re.compile(r"^- \[[^\]]+\]\(([^)#]+)\)", re.MULTILINE)
SECTION: Final = re.compile(r"^(For .+):$", re.MULTILINE)


def pages() -> dict[Path, str]:
    """Return the pages of the site: where each lies in the repository, and its name in the site."""
    own = {path: path.name for path in sorted(DOCS.glob("*.md"))}
    return own | {REPOSITORY / path: name for path, name in ELSEWHERE.items()}


def moved(text: str, page: Path, source: str | None) -> str:
    """Return the text of a page with its relative links as they have to be in the site."""
    parts, at = [], 0
    for fence in FENCE.finditer(text):
        parts += [LINK.sub(lambda match: _link(match, page, source), text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, LINK.sub(lambda match: _link(match, page, source), text[at:])])


def _link(match: re.Match[str], page: Path, source: str | None) -> str:
    mark, words, target, attribute, address = match.groups()
    there = _target(target or address, page, source)
    if attribute:
        return f"{attribute}{there}"
    return f"{mark}[{words}]({there})" if there else words


def _target(target: str, page: Path, source: str | None) -> str | None:
    file, mark, fragment = target.partition("#")
    if not file or re.match(r"[a-z]+:", target):
        return target
    path = (page.parent / file).resolve()
    known = pages()
    if path in known:
        return f"{known[path]}{mark}{fragment}"
    if DOCS / "images" in path.parents:
        return path.relative_to(DOCS).as_posix()
    if not path.exists():
        raise SystemExit(f"{page.relative_to(REPOSITORY)}: there is nothing at {target}")
    return f"{source}/{path.relative_to(REPOSITORY).as_posix()}" if source else None


def contents(index: str) -> Iterator[str]:
    """Yield what makes the sidebar: the lists of the index, each under the words above it."""
    parts = SECTION.split(index)
    for caption, body in zip(parts[1::2], parts[2::2], strict=True):
        names = "\n".join(ENTRY.findall(body))
        yield f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{names}\n```\n"


def stage(folder: Path, source: str | None) -> None:
    """Write what Sphinx reads into a folder."""
    for path, name in pages().items():
        text = moved(path.read_text(encoding="utf-8"), path, source)
        if name == "index.md":
            text = "\n".join([text, *contents(text)])
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(DOCS / "conf.py", folder)
    # Pictures that stand in HTML are not Sphinx's to find.
    shutil.copytree(DOCS / "images", folder / "extra" / "images")


def main() -> int:
    """Build the site into the folder that the command line names; return Sphinx's exit code."""
    parser = argparse.ArgumentParser(description="Make a site of the manual.")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--source", metavar="URL", help="where the code host shows files of the repository")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        staged, doctrees = Path(scratch, "pages"), Path(scratch, "doctrees")
        staged.mkdir()
        stage(staged, options.source and options.source.rstrip("/"))
        strict = ["--fail-on-warning", "--keep-going", "--quiet"]
        return sphinx([*strict, "-b", "html", "-d", os.fspath(doctrees), os.fspath(staged), os.fspath(options.out)])


if __name__ == "__main__":
    sys.exit(main())
