"""stashgen schema: what editors complete and check the YAML with."""

from __future__ import annotations

from pathlib import Path

import click

from stashgen import files
from stashgen import schema as schemas
from stashgen.errors import StashgenError
from stashgen.text import did_you_mean, listed, quoted


@click.command
@click.argument("record", required=False)
@click.option(
    "--all",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write all of them into this folder, as RECORD.schema.json.",
)
def schema(record: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of a record.

    Without RECORD, print the names of the records: site, status, group, service, event. An editor with a YAML
    language server completes and checks a file that begins with a line such as

    \b
        # yaml-language-server: $schema=../../.stashgen/schemas/service.schema.json

    \b
    Examples:
        stashgen schema event > event.schema.json
        stashgen schema --all .stashgen/schemas
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if record is not None and folder is not None:
        raise click.UsageError("--all writes every record: leave the name out")
    if record is not None and record not in schemas.RECORDS:
        hint = did_you_mean(record, schemas.RECORDS) or f": there are {listed(schemas.RECORDS)}"
        raise click.UsageError(f"there is no record {quoted(record)}{hint}")
    if folder is not None:
        _write_all(folder)
    else:
        text = schemas.document(record).decode() if record is not None else "\n".join(schemas.RECORDS) + "\n"
        click.echo(text, nl=False)


def _write_all(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in schemas.documents().items():
            path = folder / f"{name}.schema.json"
            files.write_atomic(path, data)
            click.echo(path)
    except OSError as error:
        raise StashgenError(f"the schemas cannot be written into {folder}: {error.strerror or error}") from error
