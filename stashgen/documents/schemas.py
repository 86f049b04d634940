"""JSON Schemas of the JSON files (draft 2020-12, https://json-schema.org/draft/2020-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, inspect

from stashgen import urls
from stashgen.documents.document import Document

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DEFINITION: Final = "#/$defs/{name}"

Record = type[msgspec.Struct]


def schema(document: Document, site_url: str | None) -> bytes:
    """Return the schema of a kind of file as JSON; a site with a URL gives it an `$id`."""
    name_by_record, parts = components((document.record,), _DEFINITION)
    address = urls.absolute(site_url, urls.schema(document.schema))
    body: dict[str, Any] = {
        "$schema": _DIALECT,
        **({"$id": address} if address else {}),
        "title": f"stashgen {document.schema}",
        "description": parts[name_by_record[document.record]]["description"],
        "$ref": _DEFINITION.format(name=name_by_record[document.record]),
        "$defs": parts,
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"


@cache
def components(
    records: tuple[Record, ...], template: str
) -> tuple[Mapping[Record, str], Mapping[str, Mapping[str, Any]]]:
    """Return the name of each record, and the schemas of these and of all records inside them by name.

    `template` makes a reference from a `{name}`.
    """
    structs = [*dict.fromkeys(struct for record in records for struct in _structs(_info(record)))]
    references, parts = msgspec.json.schema_components(structs, ref_template=template)
    name_by_reference = {template.format(name=name): name for name in parts}
    name_by_record = {
        struct: name_by_reference[reference["$ref"]] for struct, reference in zip(structs, references, strict=True)
    }
    for struct, name in name_by_record.items():
        _complete(struct, parts[name])
    return name_by_record, parts


@cache
def _info(record: Record) -> inspect.Type:
    return inspect.type_info(record)


def _structs(kind: inspect.Type) -> Iterator[Record]:
    match kind:
        case inspect.Metadata(type=inner):
            yield from _structs(inner)
        case inspect.StructType(cls=cls, fields=fields):
            yield cls
            for field in fields:
                yield from _structs(field.type)
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            for one in types:
                yield from _structs(one)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            yield from _structs(item)
        case inspect.DictType(value_type=value):
            yield from _structs(value)


def _complete(record: Record, schema: dict[str, Any]) -> None:
    """Say what msgspec leaves open for readers: a key that is always written is required, an instant has its form."""
    info = _info(record)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - for the type checker
    always = [field.encode_name for field in info.fields if not _may_be_left_out(record, field)]
    if always:
        schema["required"] = always
    for field in info.fields:
        _give_form(field.type, schema["properties"][field.encode_name])


def _may_be_left_out(record: Record, field: inspect.Field) -> bool:
    # A default that is neither a value nor made by something is UNSET.
    is_unset = field.default is NODEFAULT and field.default_factory is NODEFAULT
    return not field.required and (record.__struct_config__.omit_defaults or is_unset)


def _give_form(kind: inspect.Type, schema: dict[str, Any]) -> None:
    match kind:
        case inspect.Metadata(type=inner):
            _give_form(inner, schema)
        case inspect.DateTimeType():
            schema["format"] = "date-time"
        case inspect.UnionType(types=types) if any(isinstance(_bare(one), inspect.DateTimeType) for one in types):
            for choice in schema.get("anyOf", [schema]):
                if choice.get("type") == "string" and "pattern" not in choice:
                    choice["format"] = "date-time"


def _bare(kind: inspect.Type) -> inspect.Type:
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind
