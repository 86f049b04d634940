"""openapi.json, the JSON Schemas, and an index of all that programs can read."""

from __future__ import annotations

from collections.abc import Iterator

from stashgen import urls
from stashgen.documents import DOCUMENTS
from stashgen.documents.schemas import schemas
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield the files, which speak only of the families that are on."""
    described = [document for document in DOCUMENTS if context.has(document.family)]
    for name, data in schemas(described, context.site.settings.url).items():
        yield Output(urls.schema(name), digest(data), lambda data=data: data)  # type: ignore[misc]  # binds now
