"""What programs are told of a URL below /api/ that leads nowhere, in the words of Stashboard's API."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen.documents.document import Document
from stashgen.urls import API_NOT_FOUND


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer with status 404."""

    error: Annotated[Literal[True], Meta(description="Always true.")]
    code: Annotated[Literal[404], Meta(description="The status of the answer.")]
    message: Annotated[str, Meta(description="What is wrong, in English.")]


NOT_FOUND: Final = Missing(error=True, code=404, message="There is nothing at this address.")
DOCUMENTS: Final = (
    Document(API_NOT_FOUND, "host-files", Missing, "missing", "The answer to a URL of an API that leads nowhere."),
)
