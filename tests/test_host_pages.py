"""The pages on hosts: each whole, in step with what `init` writes for that host, and its examples fit to be copied."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema.validators import validator_for

from stashgen.scaffold.pins import ACTIONS

REPOSITORY: Final = Path(__file__).resolve().parent.parent
DOCS: Final = REPOSITORY / "docs"
SCAFFOLD: Final = REPOSITORY / "stashgen" / "scaffold"
SCHEMA: Final = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "github-workflows.json"
PAGES: Final = {
    "github-pages": "host-github-pages.md", "gitlab-pages": "host-gitlab-pages.md", "netlify": "host-netlify.md",
    "cloudflare-pages": "host-cloudflare-pages.md", "vercel": "host-vercel.md", "s3": "host-s3.md",
    "rsync": "host-own-server.md",
}  # fmt: skip
HEADINGS: Final = (
    "From zero to a page", "Your own domain", "HTTPS", "What it cannot do", "Costs and limits", "Undo",
)  # fmt: skip
SETTING: Final = re.compile(r"(?:secrets|vars)\.([A-Z_]+)|\$\{([A-Z_]+):\?")
BLOCK: Final = re.compile(r"^(?:   )?```(\w+)\n(.*?)^(?:   )?```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    """Return a page of the manual."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return the blocks of a page in one language."""
    return [body for kind, body in BLOCK.findall(text(name)) if kind == language]


def settings(host: str) -> set[str]:
    """Return the secrets and variables that the files of `init` ask for, to publish at a host."""
    files = [SCAFFOLD / "github" / f"deploy-{host}.yml", SCAFFOLD / "gitlab" / f"{host}.yml"]
    found = [SETTING.findall(path.read_text(encoding="utf-8")) for path in files if path.exists()]
    return {name for matches in found for match in matches for name in match if name} - {"PROJECT", "TARGETS"}


@pytest.mark.parametrize("host", PAGES)
def test_a_page_goes_from_zero_to_the_way_back(host: str) -> None:
    page = text(PAGES[host])
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == list(HEADINGS)
    assert f"stashgen init my-status --host {host}\n" in page
    assert "stashgen verify " in page
    assert re.search(r"\| `status\.example\.com` \|.*(CNAME|record|A, AAAA)", page)


@pytest.mark.parametrize("host", PAGES)
def test_a_page_names_every_secret_and_variable(host: str) -> None:
    aliases = {"SSH_KEY": "STASHGEN_SSH_KEY", "KNOWN_HOSTS": "STASHGEN_KNOWN_HOSTS"}
    page = text(PAGES[host])
    assert sorted(name for name in settings(host) if f"`{aliases.get(name, name)}`" not in page) == []


def test_every_shell_example_is_shell() -> None:
    for name in (*PAGES.values(), "surviving.md"):
        for block in blocks(name, "sh"):
            done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{name}: {done.stderr}"


def test_every_policy_is_json() -> None:
    policies = [json.loads(block) for block in blocks("host-s3.md", "json")]
    assert [set(policy) for policy in policies] == [{"StringEquals"}, {"Version", "Statement"}]


def test_the_workflow_that_pushes_on_is_one() -> None:
    workflow = blocks("surviving.md", "yaml")[0]
    loaded: Any = yaml.safe_load(workflow.replace("\non:", '\n"on":'))
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert [error.message for error in validator_for(rules)(rules).iter_errors(loaded)] == []
    assert f"uses: {ACTIONS['checkout']}\n" in workflow


def edge(*addresses: str) -> list[Any]:
    """Return what CloudFront would do with addresses, by the function of the page."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "the function is tried with Node.js: install it (Debian, Ubuntu: apt-get install nodejs)"
    (function,) = blocks("host-s3.md", "js")
    ask = (
        "JSON.stringify(JSON.parse(process.argv[1]).map(function (uri) { return handler({ request: { uri: uri } }); }))"
    )
    done = subprocess.run(
        [node, "-e", f"{function}\nconsole.log({ask});", json.dumps(addresses)],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return list(json.loads(done.stdout))


def test_the_edge_finds_every_file_of_a_site(demo: Path) -> None:
    files = [path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()]
    answers = edge(*(f"/{name}" for name in files))
    assert [name for name, answer in zip(files, answers, strict=True) if answer != {"uri": f"/{name}"}] == []


def test_the_edge_knows_folders_and_old_addresses() -> None:
    page, folder, bare, old, admin, outside = edge(
        "/", "/history/", "/history", "/api/v1/services/api/events", "/admin/api/v1/levels", "//elsewhere.example/x"
    )
    assert page == {"uri": "/index.html"}
    assert folder == {"uri": "/history/index.html"}
    assert (bare["statusCode"], bare["headers"]["location"]["value"]) == (301, "/history/")
    assert old == {"uri": "/api/v1/services/api/events.json"}
    assert admin == {"uri": "/admin/api/v1/levels.json"}
    assert outside["headers"]["location"]["value"] == "/elsewhere.example/x/"
