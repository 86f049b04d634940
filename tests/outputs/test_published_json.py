"""Every JSON file of a build is described by the build, and is what the description says; the rest is in the index."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import jsonschema_rs
import pytest
from door import NOW, run_stashgen, write_files
from openapi_spec_validator import OpenAPIV31SpecValidator
from published import UNDESCRIBED, Published
from rich_site import RICH

from stashgen.documents import DOCUMENTS

SERVICE: Final = {
    "site-data/groups/core.yaml": "name: Core & <more>\n",
    "site-data/services/api.yaml": 'name: "API & \\"co\\" <b>"\ngroup: core\nsince: 2026-01-01\n',
}
EVENT: Final = {
    "site-data/events/a.yaml": (
        'title: "Fünf 🚧 \\u05d0 < & >"\nservices: {api: down}\nupdates:\n'
        "  - {at: 2026-10-25T00:30:00Z, message: Gone.}\n"
        "  - {at: 2026-10-25T01:30:00Z, state: resolved, message: Back.}\n"
    )
}
SITES: Final[Mapping[str, Mapping[str, str]]] = {
    "empty": {"site-data/site.yaml": "title: Empty\nurl: https://status.example.com\n"},
    "without a url": {"site-data/site.yaml": "title: Nowhere\n", **SERVICE, **EVENT},
    "below a path, with summer time": {
        "site-data/site.yaml": (
            "title: Ort & Zeit\nurl: https://example.com/a/status/\ntimezone: Europe/Berlin\nlanguage: de\n"
            "mirrors: [https://mirror.example.org/x]\n"
        ),
        **SERVICE,
        **EVENT,
    },
}
# What hosts, crawlers and browsers look for is no concern of other programs.
UNLISTED: Final = re.compile(
    r"CNAME|\.nojekyll|_headers|_redirects|vercel\.json|robots\.txt|sitemap.*\.xml|(.*/)?404\.html|(assets|static|hosts|images)/.*|stashgen-manifest\.json"
    r"|.*/[0-9]{4}/[0-9]{2}/index\.html"
)


def build(folder: Path) -> Published:
    """Build a project at the demo's now."""
    result = run_stashgen("build", "-C", folder, "--now", NOW, cwd=folder)
    assert result.code == 0, result.err
    return Published(folder / "build")


Make = Callable[[str], Published]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Make:
    """Return a function that gives a site by its name, each built once."""

    @cache
    def make(name: str) -> Published:
        if name == "demo":
            return Published(demo)
        folder = tmp_path_factory.mktemp("site")
        if name == "rich":
            shutil.copytree(RICH, folder, dirs_exist_ok=True)
        else:
            write_files(folder, SITES[name])
        return build(folder)

    return make


@pytest.fixture(params=["demo", "rich", *SITES])
def site(request: pytest.FixtureRequest, made: Make) -> Published:
    """Return each of the sites."""
    return made(request.param)


def test_every_json_file_is_what_its_schema_says(site: Published) -> None:
    assert [*site.mistakes()] == []


def test_a_file_that_is_wrong_or_described_nowhere_is_seen(made: Make, tmp_path: Path) -> None:
    copy = Published(shutil.copytree(made("empty").root, tmp_path / "copy"))
    (copy.root / "odd.json").write_text("{}")
    status = copy.read("status.json")
    status["overall"]["since_at"] = "yesterday"
    status["overall"].pop("sentence")
    (copy.root / "status.json").write_text(json.dumps(status))
    odd, *wrong = copy.mistakes()
    assert odd.startswith("odd.json: is described 0 times")
    assert [line.partition(": ")[0] for line in wrong] == ["status.json"] * 2


def test_the_real_incidents_give_files_that_are_right(real_incidents: Path, tmp_path: Path) -> None:
    result = run_stashgen("import", "statuspage", real_incidents, cwd=tmp_path)
    assert result.code == 0, result.err
    site = build(tmp_path)
    assert [*site.mistakes()] == []
    assert sum(path.startswith("events/") and path.endswith(".json") for path in site.files) > 1000


def test_the_schemas_are_schemas_and_know_their_address(site: Published) -> None:
    assert {path for kind in site.kinds if (path := kind.entry["schema"])} == site.schemas.keys()
    for path, schema in site.schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["description"]
        url = site.index["url"]
        assert schema.get("$id") == (f"{url.rstrip('/')}/{path}" if url else None)


def properties(schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every property of every object in a schema, with its name."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for part in schema.values():
            yield from properties(part)


def test_instants_and_days_have_their_form_in_the_schemas(made: Make) -> None:
    forms = Counter[tuple[str, tuple[str, ...]]]()
    for path in ("schemas/status.schema.json", "schemas/service.schema.json", "schemas/event.schema.json"):
        for name, said in properties(made("demo").schemas[path]):
            if name == "at" or name.endswith(("_at", "day")):
                choices = [one for one in said.get("anyOf", [said]) if one["type"] != "null"]
                forms[name.rpartition("_")[2], tuple(one["format"] for one in choices)] += 1
    assert forms.keys() == {("at", ("date-time",)), ("day", ("date",))}
    assert forms["at", ("date-time",)] > 10


def test_what_is_always_there_is_required(made: Make) -> None:
    schema = made("demo").schemas["schemas/status.schema.json"]
    assert set(schema["$defs"]["StatusDocument"]["required"]) == made("demo").read("status.json").keys()


def test_the_description_is_openapi(site: Published) -> None:
    OpenAPIV31SpecValidator(site.described).validate()
    url, mirrors = site.index["url"], site.index["mirrors"]
    assert [server["url"] for server in site.described["servers"]] == [
        one.rstrip("/") for one in [url or ".", *mirrors]
    ]
    assert site.described["security"] == []
    operations = [item["get"] for item in site.described["paths"].values()]
    names = Counter(operation["operationId"] for operation in operations)
    assert [name for name, count in names.items() if count > 1] == []
    assert {tag["name"] for tag in site.described["tags"]} == {operation["tags"][0] for operation in operations}
    for operation in operations:
        assert {"200", "304", "404"} == operation["responses"].keys()


def test_no_two_paths_of_the_description_are_the_same_but_for_their_holes(made: Make) -> None:
    shapes = Counter(re.sub(r"{\w+}", "{}", path) for path in made("demo").described["paths"])
    assert [shape for shape, count in shapes.items() if count > 1] == []


def test_the_description_says_of_each_file_what_its_schema_says(made: Make) -> None:
    site = made("demo")
    components = site.described["components"]
    validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
    seen = set()
    for path in site.files:
        if path.endswith(".json") and not UNDESCRIBED.fullmatch(path):
            (kind,) = site.kinds_of(path)
            content = site.described["paths"][f"/{kind.entry['path']}"]["get"]["responses"]["200"]["content"]
            ((media_type, said),) = content.items()
            assert media_type == kind.entry["type"]
            reference = said["schema"]["$ref"]
            if reference not in validators:
                validators[reference] = jsonschema_rs.Draft202012Validator(
                    {"$ref": reference, "components": components}, validate_formats=True
                )
            validators[reference].validate(site.read(path))
            seen.add(kind.entry["path"])
    assert seen >= {"api/index.json", "status.json", "services/{service}.json", "events/{event}.json"}


def test_records_of_the_same_schema_are_the_same() -> None:
    record_by_schema: dict[str, type] = {}
    for document in DOCUMENTS:
        assert record_by_schema.setdefault(document.schema, document.record) is document.record, document.schema


def test_what_the_index_lists_is_there(site: Published) -> None:
    there = set(site.files)
    listed = {path for kind in site.kinds for path in site.expanded(kind)}
    # Stashboard had no current event where nothing had ever happened, and clients know that by the 404.
    silent = [
        one["id"]
        for one in site.index["services"]
        if not site.read(f"api/v1/services/{one['id']}/events.json")["events"]
    ]
    absent = {f"{base}/v1/services/{one}/events/current.json" for base in ("api", "admin/api") for one in silent}
    assert listed - there == absent
    assert {"api/index.json", "openapi.json", "status.json", "index.html"} <= listed


def test_every_family_of_the_index_has_files(made: Make) -> None:
    site = made("demo")
    written = {kind.family for path in site.files for kind in site.kinds_of(path)}
    assert {kind.family for kind in site.kinds} - written == set()


def test_everything_that_programs_can_read_is_in_the_index(site: Published) -> None:
    unknown = [path for path in site.files if not UNLISTED.fullmatch(path) and not site.kinds_of(path)]
    assert unknown == []


def test_the_index_names_what_stands_in_the_holes(made: Make) -> None:
    index = made("below a path, with summer time").index
    assert index["services"] == [{"id": "api", "name": 'API & "co" <b>', "group": "core"}]
    assert index["groups"] == [{"id": "core", "name": "Core & <more>"}]
    assert index["months"] == ["2026-10"]
    (entry,) = [
        entry for family in index["families"] for entry in family["files"] if entry["path"] == "services/{service}.json"
    ]
    assert entry["url"] == "https://example.com/a/status/services/{service}.json"
    assert entry["holes"] == ["service"]


def test_a_hidden_service_is_not_in_the_index(tmp_path: Path) -> None:
    files = {**SITES["without a url"], "site-data/services/secret.yaml": "name: Classified\nhidden: true\n"}
    site = build(write_files(tmp_path / "site", files))
    texts = [path for path in site.files if path.endswith((".json", ".html"))]
    assert [path for path in texts if "lassified" in (site.root / path).read_text(encoding="utf-8")] == []
    assert not (site.root / "services/secret.json").exists()


def test_the_index_keeps_its_bytes_while_time_goes_by(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "site", SITES["without a url"])
    first = {path: (build(folder).root / path).read_bytes() for path in ("api/index.json", "openapi.json")}
    event = folder / "site-data/events/a.yaml"
    event.write_text(event.read_text(encoding="utf-8").replace("Gone", "Away"), encoding="utf-8")
    assert run_stashgen("build", "--now", "2026-12-24T18:00:00Z", cwd=folder).code == 0
    assert {path: (folder / "build" / path).read_bytes() for path in first} == first
