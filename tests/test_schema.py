"""JSON Schemas: valid themselves, at one with `stashgen check`, and printed, listed and written by the command."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

import pytest
from door import Run
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stashgen import instants, schema
from stashgen.yamlio import parse

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = {"status": "statuses", "group": "groups", "service": "services", "event": "events"}
SITES: Final = ["site-data", "docs/example/site-data", "tests/golden/rich/site-data"]


def data(path: Path) -> Any:
    """Read a YAML file as an editor does: times are text there."""
    parsed = parse(path.read_bytes(), path.name, {}, dt.UTC)
    assert parsed.problems == ()
    return parsed.value


def validator(record: str) -> Draft202012Validator:
    """Return the checker of a record's own schema."""
    return Draft202012Validator(schema.schema(record))


@pytest.mark.parametrize("record", schema.RECORDS)
def test_a_schema_is_a_schema_with_a_word_on_everything(record: str) -> None:
    document = json.loads(schema.document(record))
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (document["$id"], document["title"]) == (f"urn:stashgen:schema:{record}", record)
    parts = [part for part in document.get("$defs", {}).values() if part.get("type") == "object"]
    for part in (document, *parts):
        assert part["description"]
        assert part["additionalProperties"] is False
        assert [name for name, field in part["properties"].items() if not field.get("description")] == []


@pytest.mark.parametrize("site", SITES)
def test_sound_files_fit_their_schema(site: str) -> None:
    root = REPOSITORY / site
    assert list(validator("site").iter_errors(data(root / "site.yaml"))) == []
    for record, folder in FOLDERS.items():
        for path in (root / folder).rglob("*.yaml"):
            assert [(path, one.message) for one in validator(record).iter_errors(data(path))] == []


@pytest.mark.parametrize("case", [
    "service-unknown-key", "service-name-missing", "service-name-is-a-number", "service-name-empty",
    "service-name-on-two-lines", "service-everything-wrong", "site-url-without-scheme", "site-link-runs-script",
    "site-history-days-out-of-range", "site-outputs-not-switches", "status-level-unknown", "status-color-by-name",
    "status-downtime-out-of-range", "event-kind-unknown", "event-without-updates", "event-updates-empty",
    "event-services-a-text", "event-message-missing", "event-state-unknown", "event-title-blank",
    "maintenance-without-window", "maintenance-without-end", "instant-is-a-day", "instant-in-words",
])  # fmt: skip
def test_broken_files_do_not_fit(case: str) -> None:
    root = REPOSITORY / "tests/invalid" / case / "site-data"
    record_by_folder = {folder: record for record, folder in FOLDERS.items()}
    (path,) = root.rglob("*.yaml")
    record = record_by_folder.get(path.relative_to(root).parts[0], "site")
    assert not validator(record).is_valid(data(path))


def test_a_file_may_change_one_field_of_a_built_in_status() -> None:
    assert validator("status").is_valid({"color": "#ff0000"})


@given(
    st.text(st.sampled_from("0123456789-T:Z+ .UC"), max_size=26)
    | st.from_regex(instants.INSTANT_PATTERN, fullmatch=True)
)
def test_what_is_read_as_a_time_is_one_for_editors(text: str) -> None:
    update = {"at": text, "message": "X"}
    fits = validator("event").is_valid({"title": "X", "updates": [update]})
    if instants.read(text, dt.UTC).at is not None:
        assert fits


def test_the_command_prints_one_schema(invoke: Run) -> None:
    result = invoke("schema", "event")
    assert (result.code, result.err) == (0, "")
    assert result.out.encode() == schema.document("event")
    assert result.out.endswith("}\n")


def test_the_command_lists_the_records(invoke: Run) -> None:
    assert invoke("schema") == (0, "site\nstatus\ngroup\nservice\nevent\ntemplate\nautomation\nnotifications\n", "")


def test_the_command_writes_all(invoke: Run, tmp_path: Path) -> None:
    result = invoke("schema", "--all", "made/here")
    names = [f"made/here/{record}.schema.json" for record in schema.RECORDS]
    assert (result.code, result.out.splitlines()) == (0, names)
    for name, record in zip(names, schema.RECORDS, strict=True):
        assert (tmp_path / name).read_bytes() == schema.document(record)


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["evnt"], "there is no record `evnt` (did you mean `event`?)"),
    (["xyz"], "there is no record `xyz`: there are site, status, group, service, event, template, automation"),
    (["event", "--all", "."], "--all writes every record: leave the name out"),
])  # fmt: skip
def test_wrong_arguments_are_a_usage_error(invoke: Run, arguments: list[str], complaint: str) -> None:
    result = invoke("schema", *arguments)
    assert (result.code, result.out) == (2, "")
    assert complaint in result.err


def test_a_folder_that_cannot_be_written_is_said(invoke: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    result = invoke("schema", "--all", "file/below")
    assert (result.code, result.out) == (1, "")
    assert result.err == "error: the schemas cannot be written into file/below: Not a directory\n"
