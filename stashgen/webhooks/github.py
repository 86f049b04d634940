"""GitHub: issues with a label are alerts, closed they are over; comments of maintainers are words for readers.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from stashgen.intents import Signal
from stashgen.model import Automation
from stashgen.webhooks.payload import Fields, json_fields, line, text
from stashgen.webhooks.source import Post

# Anybody may open and comment on an issue of a public repository, and a form gives its label to whoever fills it in.
_TRUSTED: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_OPENING: Final = frozenset({"opened", "reopened", "labeled", "edited"})
_CLOSING: Final = frozenset({"closed", "deleted", "transferred"})
_EMPTY: Final = "_No response_"
_SERVICES: Final = ("service", "services", "affected service", "affected services", "component", "components")
_STATUS: Final = ("status", "severity", "impact")
_MESSAGE: Final = ("message", "what is wrong", "what happens", "what happened", "description", "details", "text")


def read(post: Post, automation: Automation) -> list[Signal]:
    """Return the signal of an issue or a comment, nothing where it is none of ours; raise PayloadError."""
    fields = json_fields(post)
    kind = post.headers.get("x-github-event") or ("issue_comment" if "comment" in fields.values else "issues")
    issue = fields.below("issue")
    if kind not in ("issues", "issue_comment") or not issue.values or "pull_request" in issue.values:
        return []
    labels = _labels(issue)
    is_ours = automation.issue_label.casefold() in labels
    if kind == "issue_comment":
        return _comment(fields, issue) if is_ours and fields.line("action") == "created" else []
    if _is_over(fields, automation, is_ours=is_ours):
        return [_signal(fields, issue, labels, is_resolved=True)]
    return [_signal(fields, issue, labels, is_resolved=False)] if is_ours and _is_running(fields, issue) else []


def _is_over(fields: Fields, automation: Automation, *, is_ours: bool) -> bool:
    action = fields.line("action")
    lost = fields.below("label").line("name").casefold()
    return action in _CLOSING if is_ours else action == "unlabeled" and lost == automation.issue_label.casefold()


def _is_running(fields: Fields, issue: Fields) -> bool:
    action = fields.line("action")
    return action in _OPENING and issue.line("state").casefold() != "closed" and _is_trusted(fields, issue, action)


def _is_trusted(fields: Fields, issue: Fields, action: str) -> bool:
    if issue.line("author_association") in _TRUSTED:
        return True
    # Only who may triage labels or reopens what somebody else wrote; but programs label whatever comes in.
    sender, author = fields.below("sender"), issue.below("user").line("login")
    is_person = sender.line("login") not in ("", author) and sender.line("type") != "Bot"
    return action in ("labeled", "reopened") and is_person


def _signal(fields: Fields, issue: Fields, labels: list[str], *, is_resolved: bool) -> Signal:
    answers = _answers(issue.text("body"))
    named = tuple(label.partition(":")[2].strip() for label in labels if label.startswith("service:"))
    status = next(
        (label.partition(":")[2].strip() for label in labels if label.startswith(("status:", "severity:"))), ""
    )
    is_form = any(name in answers for name in (*_SERVICES, *_STATUS))
    message = _answer(answers, _MESSAGE) if is_form else issue.text("body")
    return Signal(
        source="github",
        key=_key(fields, issue),
        services=named or _choices(_answer(answers, _SERVICES)),
        status="" if is_resolved else status or line(_answer(answers, _STATUS)),
        title=issue.line("title"),
        says="" if is_resolved else message,
        is_resolved=is_resolved,
        at=_at(fields, issue, is_resolved=is_resolved),
        labels={"repository": fields.below("repository").line("full_name"), "labels": ",".join(labels)},
        url=issue.line("html_url"),
    )


def _key(fields: Fields, issue: Fields) -> str:
    return f"{fields.below('repository').line('full_name')}#{issue.needed('number')}"


def _at(fields: Fields, issue: Fields, *, is_resolved: bool) -> dt.datetime | None:
    if is_resolved:
        return issue.at("closed_at") or issue.at("updated_at")
    # A label or a new opening comes later than the issue.
    return issue.at("created_at" if fields.line("action") == "opened" else "updated_at")


def _comment(fields: Fields, issue: Fields) -> list[Signal]:
    comment = fields.below("comment")
    words = comment.text("body")
    is_bot = comment.below("user").line("type") == "Bot"
    if comment.line("author_association") not in _TRUSTED or is_bot or not words:
        return []
    at = comment.at("created_at")
    return [Signal(source="github", key=_key(fields, issue), says=words, is_only_said=True, at=at)]


def _labels(issue: Fields) -> list[str]:
    values = issue.values.get("labels")
    names = [one.get("name") if isinstance(one, dict) else one for one in values] if isinstance(values, list) else []
    return [line(name).casefold() for name in names if isinstance(name, str)]


def _answers(body: str) -> dict[str, str]:
    """Return the answers of an issue form: its body is a heading and a paragraph for each question."""
    parts = re.split(r"^###[ \t]+(.+)$", body, flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {
        question.strip().rstrip("?:").casefold(): text(answer) for question, answer in pairs if answer.strip() != _EMPTY
    }


def _answer(answers: dict[str, str], names: tuple[str, ...]) -> str:
    return next((answers[name] for name in names if name in answers), "")


def _choices(answer: str) -> tuple[str, ...]:
    """Return the choices of a menu (`a, b`), or those of check boxes that are ticked."""
    if re.search(r"^\s*- \[", answer, re.MULTILINE):
        found = re.findall(r"^\s*- \[[xX]\]\s*(.+)$", answer, re.MULTILINE)
    else:
        found = re.split(r"[,\n]", answer)
    return tuple(dict.fromkeys(filter(None, map(line, found))))
