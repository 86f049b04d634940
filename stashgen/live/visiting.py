"""Asking one site for its files: where each lies, what its host says of a file that it does not have."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from stashgen import urls
from stashgen.http import Answer, Client, HttpError, TooLargeError

# Some hosts answer what concerns other sites only when they are asked on behalf of one.
_ASKING: Final[Mapping[str, str]] = {"Origin": "https://reader.invalid"}
_NOWHERE: Final = "no-such-page-of-this-site/index.html"
_PATIENCE: Final = 5  # questions in a row without an answer: more would only cost time
_ENDURANCE: Final = 50  # of all questions
_REFUSALS: Final = frozenset({401, 403, 404, 410})


class Visit:
    """The questions put to one site, by several threads at once."""

    def __init__(self, url: str, client: Client) -> None:
        self.url = f"{url.removesuffix(urls.DASHBOARD).rstrip('/')}/"
        self._client = client
        self._lock = threading.Lock()
        self._silences = self._all_silences = 0
        self._nothing: Answer | None = None

    def ask(self, path: str) -> Answer:
        """Ask for a file, or for a folder by a path that ends with `/`; raise HttpError where no answer comes.

        A host that was silent often enough is not asked again.
        """
        if self._silences >= _PATIENCE or self._all_silences >= _ENDURANCE:
            raise HttpError(f"{self.url}: was not asked, as it had stopped answering")
        try:
            answer = self._client.get(self.url + quote(path, safe="/~!$&'()*+,;=:@"), _ASKING)
        except TooLargeError:
            self._silences = 0
            raise
        except HttpError:
            with self._lock:
                self._silences += 1
                self._all_silences += 1
            raise
        self._silences = 0
        return answer

    def learn_nothing(self) -> Answer:
        """Ask for what is not there: hosts that answer with a page and 200 are known by that page from then on."""
        self._nothing = self.ask(_NOWHERE)
        return self._nothing

    def is_missing(self, answer: Answer) -> bool:
        """Return whether an answer means that there is no such file."""
        if answer.status in _REFUSALS:
            return True
        nothing = self._nothing
        return nothing is not None and nothing.status == answer.status == 200 and nothing.body == answer.body
