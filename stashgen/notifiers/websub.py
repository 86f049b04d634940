"""A WebSub hub (https://www.w3.org/TR/websub/): it is told that a feed has something new, and fetches it by itself."""

from __future__ import annotations

from collections.abc import Sequence

from stashgen.http import Client, HttpError
from stashgen.notifiers.message import Message, NotDeliveredError, Target


class Hub:
    """Tells a hub of the feed that a message's `url` names."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = Client()

    def send(self, message: Message) -> None:
        """Ping the hub; every answer from 200 to 299 is a yes."""
        try:
            answer = self._client.post(self._address, {"hub.mode": "publish", "hub.url": message.url or ""})
        except HttpError as error:
            raise NotDeliveredError(str(error)) from error
        if not 200 <= answer.status < 300:
            raise NotDeliveredError(f"{self._address}: answers with {answer.status}")


def targets(address: str) -> Sequence[Target]:
    """Return the hub."""
    return [Hub(address)]
