"""Mail, chat, SMS, webhooks and a hundred more by Apprise; its URLs are secrets, so nothing here ever shows one.

What Apprise says of a failure may name hosts, tokens and people. Only what kind of failure it was is told on.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from stashgen.errors import StashgenError
from stashgen.model import Level
from stashgen.notifiers.message import Message, NotDeliveredError, Target

if TYPE_CHECKING:
    from apprise import Apprise, AppriseAsset, NotifyType

_CODE: Final = re.compile(r"error=(\d{3})\b")
_CONNECTION: Final = re.compile(r"\bconnection error\b", re.IGNORECASE)
# Words that a chat would take for a call to everybody; a monitor's text may hold them.
_CALL: Final = re.compile(r"@(?=everyone\b|here\b|channel\b|all\b|room\b)|<(?=[!@#])", re.IGNORECASE)
_ZERO_WIDTH: Final = "\u200b"
_LOGGER: Final = "apprise"
_SAID: Final[ContextVar[list[str] | None]] = ContextVar("said", default=None)


class Service:
    """One Apprise URL."""

    def __init__(self, service: Apprise) -> None:
        self._service = service

    def send(self, message: Message) -> None:
        """Deliver a message as plain text."""
        from apprise import NotifyFormat  # noqa: PLC0415 - an optional dependency

        lines = [message.text, message.url or ""]
        with _overheard() as said:
            is_taken = self._service.notify(
                title=_calm(message.title),
                body=_calm("\n\n".join(filter(None, lines))),
                notify_type=_type(message),
                body_format=NotifyFormat.TEXT,
            )
        if not is_taken:
            raise NotDeliveredError(_reason(said))


def targets(addresses: Sequence[str]) -> list[Target | NotDeliveredError]:
    """Return a service for each URL."""
    try:
        from apprise import AppriseAsset  # noqa: PLC0415 - an optional dependency
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "apprise":
            raise
        raise StashgenError(
            "telling channels needs apprise, which is not installed: pip install 'stashgen[notify]'"
        ) from error
    asset = AppriseAsset(app_id="stashgen", app_desc="Status page", app_url="", secure_logging=True)
    with warnings.catch_warnings():
        # Its modules, which are loaded now, use what newer Pythons will not have.
        warnings.simplefilter("ignore", DeprecationWarning)
        return [_target(address, asset) for address in addresses]


def _target(address: str, asset: AppriseAsset) -> Target | NotDeliveredError:
    from apprise import Apprise  # noqa: PLC0415 - an optional dependency

    service = Apprise(asset=asset)
    with _overheard():
        is_known = service.add(address)
    if is_known:
        return Service(service)
    scheme = re.match(r"[a-z][a-z0-9+.-]{0,19}(?=://)", address, re.IGNORECASE)
    what = f"a URL that begins with {scheme[0]}://" if scheme else "no URL"
    return NotDeliveredError(f"is {what} and that Apprise cannot use: see https://appriseit.com/services/")


def _type(message: Message) -> NotifyType:
    from apprise import NotifyType  # noqa: PLC0415 - an optional dependency

    if message.is_over:
        return NotifyType.SUCCESS
    if message.level.rank >= Level.ERROR.rank:
        return NotifyType.FAILURE
    return NotifyType.WARNING if message.level is Level.WARNING else NotifyType.INFO


def _calm(text: str) -> str:
    return _CALL.sub(lambda call: call[0] + _ZERO_WIDTH, text)


def _reason(said: Sequence[str]) -> str:
    codes = [found[1] for line in said if (found := _CODE.search(line))]
    if codes:
        return f"it was refused with {codes[-1]}"
    if any(map(_CONNECTION.search, said)):
        return "it cannot be reached"
    return "it was not taken"


class _Ear(logging.Handler):
    """Hears what is said on behalf of whoever listens: Apprise may send in threads of its own, with our context."""

    def emit(self, record: logging.LogRecord) -> None:
        said = _SAID.get()
        if said is not None:
            said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Yield what Apprise says until the end, and let nobody else hear it."""
    logger, ear, said = logging.getLogger(_LOGGER), _Ear(), list[str]()
    logger.propagate = False
    logger.addHandler(ear)
    token = _SAID.set(said)
    try:
        yield said
    finally:
        _SAID.reset(token)
        logger.removeHandler(ear)
