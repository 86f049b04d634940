"""Mail, chat, SMS, webhooks and a hundred more by Apprise; its URLs are secrets, so nothing here ever shows one.

What Apprise says of a failure may name hosts, tokens and people. Only what kind of failure it was is told on.
"""

from __future__ import annotations

import copy
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Final

from stashgen.errors import StashgenError
from stashgen.model import Level
from stashgen.notifiers.message import Fate, Message, NotDeliveredError, Target

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType

_CODE: Final = re.compile(r"error=(\d{3})\b")
_CONNECTION: Final = re.compile(r"\bconnection error\b", re.IGNORECASE)
_SILENCE: Final = re.compile(r"Read timed out|Connection aborted|RemoteDisconnected", re.IGNORECASE)
_ABOUT_THE_MESSAGE: Final = frozenset({"400", "413", "422"})
# What a chat would take for a call to everybody, or for a link behind other words; a monitor's text may hold it.
_CALL: Final = re.compile(
    r"@(?=everyone\b|here\b|channel\b|all\b|room\b)|<(?=[!@#]|https?:|mailto:)|\](?=\()", re.IGNORECASE
)
_ZERO_WIDTH: Final = "\u200b"
_LOGGER: Final = "apprise"
_SAID: Final[ContextVar[list[str] | None]] = ContextVar("said", default=None)
# Four seconds, as Apprise has it, are too few for a busy receiver, which would get the message again and again;
# a mail server may look through a mail for viruses before it answers.
_ANSWER_SECONDS: Final = 30.0
_MAIL_SECONDS: Final = 60.0
_WHOLE_SECONDS: Final = 180.0
_RECIPIENTS: Final = ("targets", "channels", "topics")
_MENTIONING: Final = frozenset({"NotifyMastodon", "NotifyTwitter"})  # several names stand in one message there


class Service:
    """Who is told by one Apprise URL."""

    def __init__(self, service: NotifyBase) -> None:
        self._service = service

    def send(self, message: Message) -> None:
        """Deliver a message as plain text, as much of it as fits there."""
        from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - an optional dependency

        title, body = _fitting(message, self._service.title_maxlen, self._service.body_maxlen)
        post = Apprise(asset=self._service.asset)
        post.add(self._service)

        def notify() -> bool:
            return bool(post.notify(title=title, body=body, notify_type=_type(message), body_format=NotifyFormat.TEXT))

        with _overheard() as said:
            is_taken = _in_time(notify)
        if not is_taken:
            raise _failure(said)


def targets(address: str) -> Sequence[Target]:
    """Return a service for each recipient of a URL, so that one who cannot be reached has nobody else told again."""
    try:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - an optional dependency
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "apprise":
            raise
        raise StashgenError(
            "telling channels needs apprise, which is not installed: pip install 'stashgen[notify]'"
        ) from error
    # Its own limit would leave a thread behind that this program then waits for; ours does not.
    asset = AppriseAsset(
        app_id="stashgen", app_desc="Status page", app_url="", secure_logging=True, service_timeout=0, async_mode=False
    )
    with warnings.catch_warnings(), _overheard():
        # Its modules, which are loaded now, use what newer Pythons will not have.
        warnings.simplefilter("ignore", DeprecationWarning)
        service = Apprise.instantiate(address, asset=asset)
    if service is not None:
        return [Service(_patient(one)) for one in _by_recipient(service)]
    scheme = re.match(r"[a-z][a-z0-9+.-]{0,19}(?=://)", address, re.IGNORECASE)
    what = f"a URL that begins with {scheme[0]}://" if scheme else "no URL"
    raise NotDeliveredError(f"is {what} and that Apprise cannot use: see https://appriseit.com/services/")


def _by_recipient(service: NotifyBase) -> list[NotifyBase]:
    for name in _RECIPIENTS:
        whole = getattr(service, name, None)
        if not isinstance(whole, list) or len(whole) < 2 or type(service).__name__ in _MENTIONING:
            continue
        parts = [copy.copy(service) for _ in whole]
        for part, one in zip(parts, whole, strict=True):
            setattr(part, name, [one])
        # Not so where several get one message together, or where these are not all.
        if sum(map(len, parts)) == len(service):
            return parts
    return [service]


def _patient(service: NotifyBase) -> NotifyBase:
    if service.socket_read_timeout == type(service).socket_read_timeout:  # nobody set `rto=`
        service.socket_read_timeout = _ANSWER_SECONDS
    if hasattr(service, "smtp_host") and service.socket_connect_timeout == type(service).socket_connect_timeout:
        service.socket_connect_timeout = _MAIL_SECONDS  # it is that of every step
    return service


def _fitting(message: Message, most_of_title: int, most_of_body: int) -> tuple[str, str]:
    """Return title and body, cut where a service would refuse them; the address is kept."""
    title, url = _calm(message.title), message.url or ""
    if most_of_title > 0:
        title = _cut(title, most_of_title)
    # Where there is no title it becomes the first line of the body.
    room = most_of_body - (len(title) + 2 if most_of_title <= 0 else 0) - (len(url) + 2 if url else 0)
    if room < 0:
        title = _cut(title, len(title) + room)
    text = _cut(_calm(message.text), room)
    return title, "\n\n".join(filter(None, [text, url]))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(0, most - 1)].rstrip()}…" if most > 0 else ""


def _type(message: Message) -> NotifyType:
    from apprise import NotifyType  # noqa: PLC0415 - an optional dependency

    if message.is_over:
        return NotifyType.SUCCESS
    if message.level.rank >= Level.ERROR.rank:
        return NotifyType.FAILURE
    return NotifyType.WARNING if message.level is Level.WARNING else NotifyType.INFO


def _calm(text: str) -> str:
    return _CALL.sub(lambda call: call[0] + _ZERO_WIDTH, text)


def _in_time(notify: Callable[[], bool]) -> bool:
    """Wait for an answer as long as anybody may take; raise NotDeliveredError when it does not come."""
    answers: list[bool] = []
    context = copy_context()

    def ask() -> None:
        with suppress(Exception):  # of a hundred strangers' modules; a traceback would show the URL
            answers.append(context.run(notify))

    # A thread that ends with the program: a receiver that sends a byte now and then would hold it for ever.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_WHOLE_SECONDS)
    if thread.is_alive():
        raise NotDeliveredError("it did not answer", "unsure")
    return bool(answers and answers[0])


def _failure(said: Sequence[str]) -> NotDeliveredError:
    codes = [found[1] for line in said if (found := _CODE.search(line))]
    if codes:
        fate: Fate = "refused" if codes[-1] in _ABOUT_THE_MESSAGE else "failed"
        return NotDeliveredError(f"it was refused with {codes[-1]}", fate)
    if any(map(_SILENCE.search, said)):
        return NotDeliveredError("it did not answer", "unsure")
    if any(map(_CONNECTION.search, said)):
        return NotDeliveredError("it cannot be reached")
    return NotDeliveredError("it was not taken")


class _Ear(logging.Handler):
    """Hears what is said on behalf of whoever listens: each message is sent in a thread with its context."""

    def emit(self, record: logging.LogRecord) -> None:
        said, words = _SAID.get(), record.getMessage()
        # Not what is said of the message itself, whose words may be those of a failure too.
        if said is not None and (record.levelno >= logging.WARNING or words.startswith("Socket Exception")):
            said.append(words)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Yield what Apprise says until the end, and let nobody else hear it."""
    logger, ear, said = logging.getLogger(_LOGGER), _Ear(), list[str]()
    logger.propagate = False
    logger.setLevel(logging.DEBUG)  # whether no connection or no answer came is said there only
    logger.addHandler(ear)
    token = _SAID.set(said)
    try:
        yield said
    finally:
        _SAID.reset(token)
        logger.removeHandler(ear)
