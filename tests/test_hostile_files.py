"""Whatever lies in site-data: one clear problem, no hang, no traceback, bounded memory, and all else is still read."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from door import MakeProject, Run, child_environ

SITE: Final = {
    "site-data/site.yaml": "title: Acme\n",
    "site-data/services/api.yaml": "name: API\n",
    "site-data/services/broken.yaml": "nam: Broken\n",
}
BROKEN: Final = "site-data/services/broken.yaml:1: nam: is not a field here (did you mean `name`?)"
MEMORY: Final = 400 * 1024 * 1024
NOT_UTF8: Final = "is not UTF-8: save the file as UTF-8"
FOLDER_LINK: Final = "warning: is a link to a folder and is not followed: its files are read where they are"
ID_IS: Final = "the file's name is the id, and"
NO_ID: Final = "is none: small letters, digits and dashes"
BOMB: Final = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{one}: &{one} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, one in zip("abcdefghijkl", "bcdefghijklm", strict=True)
)


Seen = Callable[[Path], list[str]]


@pytest.fixture
def seen(invoke: Run) -> Seen:
    """Return a function that checks a project, and returns the lines said beside what is known to be wrong."""

    def check(root: Path) -> list[str]:
        result = invoke("check", "-C", root)
        assert result.err == ""
        return others(result.out)

    return check


def bounded(root: Path) -> list[str]:
    """Return the lines said by a process of bounded memory and time, beside what is known to be wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "stashgen", "check", "-C", str(root)],
        env=child_environ(), capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )  # fmt: skip
    assert done.stderr == ""
    return others(done.stdout)


def others(out: str) -> list[str]:
    """Return the problems without that of the file that is broken in every project here: all else is still read."""
    lines = out.splitlines()
    assert BROKEN in lines
    return [line.replace("site-data/services/", "") for line in lines[:-1] if line != BROKEN]


@pytest.mark.parametrize(("content", "problem"), [
    (b"name: Caf\xe9\n", f"x.yaml:1: byte 0xE9 {NOT_UTF8} (it is probably Latin-1 or Windows-1252 now)"),
    (b"name: ok\ndescription: \x80\n", f"x.yaml:2: byte 0x80 {NOT_UTF8} (it is probably Latin-1 or Windows-1252 now)"),
    (b"name: \xed\xa0\x80\n", f"x.yaml:1: byte 0xED {NOT_UTF8} (it is half of a surrogate pair)"),
    (b"name: \"\\ud83d\"\n", "x.yaml:1: the escape names no character of Unicode"),
    ("name: X\n".encode("utf-16"), "x.yaml:1: is UTF-16: save it as UTF-8"),
    ("name: X\n".encode("utf-16-be"), "x.yaml:1: holds NUL bytes: it is UTF-16 or no text at all; save it as UTF-8"),
    ("name: X\n".encode("utf-32"), "x.yaml:1: is UTF-16: save it as UTF-8"),
    (b"name: X\ndescription: a\0b\n", "x.yaml:2: holds NUL bytes: it is UTF-16 or no text at all; save it as UTF-8"),
    (b"name: a\x1b[31mb\n", "x.yaml:1: holds the control character U+001B: delete it"),
    (b"name: \"a\\x1b[31mb\"\n", "x.yaml:1: name: holds a control character: `a\\x1b[31mb`"),
    (b"\xef\xbb\xbfname: X\n", "x.yaml:1: warning: begins with a byte order mark (BOM): save it as UTF-8 without one"),
    (b"name: X\r\ndescription: Y\r\n", "x.yaml:1: warning: has line ends of Windows (CRLF): save it with LF"),
    (b"", "x.yaml: is empty: give it content or delete the file"),
    (b"\n \n# only this\n", "x.yaml: is empty: give it content or delete the file"),
    (b"---\n...\n", "x.yaml: is empty: give it content or delete the file"),
    (b"x: &x [*x]\n", "x.yaml:1: x[0]: `*x` stands inside the very value it repeats"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", f"x.yaml:1: byte 0x89 {NOT_UTF8} (it may be UTF-16 now)"),
], ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else "")  # fmt: skip
def test_bytes_that_are_no_yaml(project: MakeProject, seen: Seen, content: bytes, problem: str) -> None:
    assert seen(project(SITE | {"site-data/services/x.yaml": content})) == [problem]


@pytest.mark.parametrize(("content", "problem"), [
    (b"name: " + b"x" * (50 << 20), "x.yaml: is larger than 1024 KiB, more than a record can be"),
    (b"name: " + b"[" * 100_000, "x.yaml:1: name[0][0][0][0][0][0][0]…: is nested deeper than 32 levels"),
    (b"- " * 100_000, "x.yaml:1: [0][0][0][0][0][0][0][0]…: is nested deeper than 32 levels"),
    (BOMB.encode(), "x.yaml:4: d[0]: too many aliases such as `*c`: write the values out"),
    (b"".join(b"%%TAG !%d! tag:x\n" % number for number in range(50_000)) + b"---\na\n",
     "x.yaml:1: tags are not read: delete the line"),
], ids=["large", "deep", "deep in lines", "aliases", "tags"])  # fmt: skip
def test_what_would_exhaust_a_machine(project: MakeProject, content: bytes, problem: str) -> None:
    assert bounded(project(SITE | {"site-data/services/x.yaml": content})) == [problem]


def test_a_file_with_a_warning_is_used(project: MakeProject, seen: Seen) -> None:
    event = b"title: X\r\nservices: {bom: down, crlf: down}\r\nupdates: [{at: 2026-01-01T00:00Z, message: X}]\r\n"
    files: dict[str, str | bytes] = {
        "site-data/services/bom.yaml": b"\xef\xbb\xbfname: B\n",
        "site-data/services/crlf.yaml": b"name: C\r\n",
        "site-data/events/x.yaml": event,
    }
    assert [line.partition(": ")[2][:8] for line in seen(project({**SITE, **files}))] == ["warning:"] * 3


@pytest.mark.parametrize("content", [
    b"name: " + b"x" * 1_000_000, b"name: X\n" + b"#" * 1_000_000, b"name: X\ndescription: >\n" + b"  x\n" * 200_000,
], ids=["a line", "a comment", "many lines"])  # fmt: skip
def test_what_is_only_long_is_read(project: MakeProject, content: bytes) -> None:
    assert bounded(project(SITE | {"site-data/services/x.yaml": content})) == []


@pytest.mark.parametrize("line", [b"key%d: 1\n", b"key: %d\n"], ids=["unknown keys", "one key"])
def test_many_mistakes_in_one_file_stay_few_lines(project: MakeProject, line: bytes) -> None:
    content = b"name: X\n" + b"".join(line % number for number in range(80_000))
    lines = bounded(project(SITE | {"site-data/services/x.yaml": content}))
    assert len(lines) == 26
    assert lines[-1].endswith(": and more problems from here on")


def socket_at(path: Path) -> None:
    """Leave a socket behind; the name of one is short, so it is made from its folder."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def test_what_is_no_file(project: MakeProject) -> None:
    root = project(SITE)
    folder = root / "site-data/services"
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    socket_at(folder / "socket.yaml")
    links = {"a": "/etc/passwd", "b": "../../../outside", "c": "/dev/zero", "d": "d.yaml", "e": ".", "f": "../.."}
    for name, target in links.items():
        (folder / f"{name}.yaml").symlink_to(target)
    assert bounded(root) == [
        "a.yaml: is a link that leaves site-data: put the file itself here",
        "b.yaml: is a link to nothing",
        "c.yaml: is a link that leaves site-data: put the file itself here",
        "d.yaml: is a link that leads back to itself",
        f"e.yaml: {FOLDER_LINK}",
        "f.yaml: is a link that leaves site-data: put the file itself here",
        "folder.yaml: is a folder, and is named like a record: rename it",
        "pipe.yaml: is a pipe, not a file",
        "socket.yaml: is a socket, not a file",
    ]


def test_a_link_inside_is_as_good_as_a_file(project: MakeProject, seen: Seen) -> None:
    root = project(SITE | {"site-data/services/.shared/x": "name: X\n"})
    (root / "site-data/services/x.yaml").symlink_to(".shared/x")
    (root / "link").symlink_to(root / "site-data")
    assert seen(root) == []


def test_the_folder_itself_may_be_a_link(project: MakeProject, seen: Seen, tmp_path: Path) -> None:
    root = project(SITE)
    shutil.move(root / "site-data", tmp_path / "data")
    (root / "site-data").symlink_to(tmp_path / "data")
    assert seen(root) == []


@pytest.mark.parametrize("place", ["outside", "site-data/services"])
def test_a_link_in_place_of_static_publishes_nothing(project: MakeProject, invoke: Run, place: str) -> None:
    root = project(SITE | {f"{place}/secret.txt": "secret"})
    (root / "site-data/static").symlink_to(root / place)
    told = "site-data/static: is a link: put the folder itself into site-data"
    assert bounded(root) == [told]
    result = invoke("build", "-C", root, "--keep-going")
    assert (result.code, told in result.err) == (1, True), result
    assert (root / "build/index.html").exists()
    assert not (root / "build/static").exists()


def test_names_that_no_address_can_have_are_told(project: MakeProject) -> None:
    root = project(SITE | {"site-data/static/fine حالة.txt": "x", "site-data/static/a\\b.txt": "x"})
    folder = root / "site-data/static" / os.fsdecode(b"\xff")
    folder.mkdir()
    (folder / "x").touch()
    assert bounded(root) == [
        "site-data/static/\\xff/x: has a name that is not UTF-8: rename it",
        "site-data/static/a\\b.txt: has a backslash in its name, which addresses do not have: rename it",
    ]


def test_loops_of_folders_end(project: MakeProject) -> None:
    root = project(
        SITE | {"site-data/events/2026/x.yaml": "titel: X\nupdates: [{at: 2026-01-01T00:00Z, message: X}]\n"}
    )
    for name, target in (("up", ".."), ("here", "."), ("again", "2026"), ("out", "/")):
        (root / "site-data/events" / name).symlink_to(target)
    (root / "site-data/groups").symlink_to("services")
    assert bounded(root) == [
        "site-data/events/2026/x.yaml:1: titel: is not a field here (did you mean `title`?)",
        f"site-data/events/again: {FOLDER_LINK}",
        f"site-data/events/here: {FOLDER_LINK}",
        "site-data/events/out: is a link that leaves site-data: put the file itself here",
        f"site-data/events/up: {FOLDER_LINK}",
        "site-data/groups: is a link: put the folder itself into site-data",
    ]


def test_folders_have_a_bottom(project: MakeProject, seen: Seen) -> None:
    root = project(SITE)
    (root / "site-data/events" / "/".join(["d"] * 60)).mkdir(parents=True)
    (line,) = seen(root)
    assert line.endswith("/d/d: is more than 24 folders deep and is not read")


@pytest.mark.parametrize(("name", "problem"), [
    (b"Web Site.yaml", f"Web Site.yaml: {ID_IS} `Web Site` {NO_ID}, such as `web-site.yaml`"),
    (b"caf\xe9.yaml", f"caf\\xe9.yaml: {ID_IS} `caf\\xe9` {NO_ID}, such as `caf.yaml`"),
    (b"two\nlines.yaml", f"two\\x0alines.yaml: {ID_IS} `two\\x0alines` {NO_ID}, such as `two-lines.yaml`"),
    (b"-x.yaml", f"-x.yaml: {ID_IS} `-x` {NO_ID}, such as `x.yaml`"),
    (b"x" * 81 + b".yaml", f"{'x' * 81}.yaml: {ID_IS} `{'x' * 59}…` {NO_ID}, such as `{'x' * 59}…`"),
    (b"x.yml", "x.yml: must end in .yaml: rename it"),
    (b"x.YAML", "x.YAML: must end in .yaml: rename it"),
    (b"x.json", "x.json: warning: is not read: records end in .yaml"),
    (b"x", "x: warning: is not read: records end in .yaml"),
], ids=repr)  # fmt: skip
def test_names_that_are_no_ids(project: MakeProject, seen: Seen, name: bytes, problem: str) -> None:
    root = project(SITE)
    path = os.path.join(os.fsencode(root / "site-data/services"), name)  # noqa: PTH118 - Path has no bytes
    with open(path, "wb") as file:  # noqa: PTH123 - as above
        file.write(b"name: X\n")
    assert seen(root) == [problem]


def test_a_folder_of_no_unicode_name(project: MakeProject, seen: Seen) -> None:
    root = project(SITE)
    os.mkdir(os.path.join(os.fsencode(root / "site-data"), b"events"))  # noqa: PTH102, PTH118 - Path has no bytes
    os.mkdir(os.path.join(os.fsencode(root / "site-data/events"), b"caf\xe9"))  # noqa: PTH102, PTH118 - as above
    assert seen(root) == ["site-data/events/caf\\xe9: has a name that is not UTF-8: rename it"]


def test_what_editors_leave_behind_is_passed_over(project: MakeProject, seen: Seen) -> None:
    names = ["x.yaml~", ".x.yaml.swp", ".DS_Store", ".gitkeep", "x.yaml.orig", "x.yaml.bak", "README.md", ".#x.yaml"]
    assert seen(project(SITE | {f"site-data/services/{name}": b"\xff\0" for name in names})) == []


def test_a_file_where_a_folder_should_be(project: MakeProject, seen: Seen) -> None:
    assert seen(project(SITE | {"site-data/events": "x"})) == [
        "site-data/events: is a file, and must be a folder of records"
    ]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.mkdir(), lambda path: path.symlink_to("/etc/passwd")])
def test_the_settings_are_no_file(project: MakeProject, make: Callable[[Path], None]) -> None:
    root = project({name: content for name, content in SITE.items() if name != "site-data/site.yaml"})
    make(root / "site-data/site.yaml")
    (line,) = bounded(root)
    assert line.startswith("site-data/site.yaml: is a")


def test_missing_settings_are_one_problem(project: MakeProject, invoke: Run) -> None:
    result = invoke("check", "-C", project({"site-data/services/api.yaml": "name: API\n"}))
    assert result.out == (
        "site-data/site.yaml: is missing: it names the page, such as `title: Acme Status`\nFound 1 error.\n"
    )


def test_what_may_not_be_read_is_said(project: MakeProject, tmp_path: Path) -> None:
    root = project(SITE | {"site-data/services/x.yaml": "name: X\n", "site-data/events/closed/x.yaml": ""})
    (root / "site-data/services/x.yaml").chmod(0)
    (root / "site-data/events/closed").chmod(0)
    assert as_nobody(root, tmp_path) == [
        "site-data/events/closed: cannot be listed: Permission denied",
        "site-data/services/broken.yaml:1: nam: is not a field here (did you mean `name`?)",
        "site-data/services/x.yaml: cannot be read: Permission denied",
    ]
    (root / "site-data/events/closed").chmod(0o700)


def as_nobody(root: Path, tmp_path: Path) -> list[str]:
    """Return the problems that somebody sees who is not root: root may read everything."""
    program = (
        "import os, sys; from pathlib import Path; from stashgen import check; from stashgen.load import record\n"
        "from stashgen.memo import Memo\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(*check.read(Path('.'), Memo()).problems, sep='\\n')"
    )
    for folder in (tmp_path, *tmp_path.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=child_environ(), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()
