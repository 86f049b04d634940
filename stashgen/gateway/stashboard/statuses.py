"""Statuses: requests to add, change and delete them -> intents.

Stashboard's statuses had a picture and, since 1.5, no severity. Ours have a severity that banners and uptime go by, so
one that is not given follows from the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.library import Shown
from stashgen.gateway.stashboard.orders import Order, Request, missing, one_line, slug
from stashgen.intents import AddRecord, EditRecord, RemoveRecord
from stashgen.model import BUILT_IN_STATUSES, Level, Status
from stashgen.outputs.stashboard_api.images import images
from stashgen.text import quoted
from stashgen.theme import SHAPE_BY_LEVEL

# Stashboard's own pictures by what they show; "" is the shape of the level. All of the set fugue, and those of iconic
# that stand for a status.
_OLD_ICONS: Final[Mapping[str, str]] = {
    "broom": "wrench", "bug": "bug", "clock": "clock", "cross-circle": "cross", "exclamation": "triangle",
    "flag": "flag", "hard-hat": "wrench", "heart": "heart", "information": "info", "information-small": "info",
    "information-white": "info", "lock": "lock", "plug": "plug", "plus-circle": "", "question": "question",
    "question-white": "question", "tick-circle": "tick", "traffic-cone": "wrench", "wrench": "wrench",
    "bolt": "bolt", "check_alt": "tick", "clock_alt": "clock", "cog": "wrench", "denied": "cross", "x_alt": "cross",
}  # fmt: skip
_LEVEL_BY_SHAPE: Final[Mapping[str, Level]] = {shape: level for level, shape in SHAPE_BY_LEVEL.items()}
_LEVELS: Final[Mapping[str, Level]] = {
    "NORMAL": Level.NORMAL, "WARNING": Level.WARNING, "ERROR": Level.ERROR, "CRITICAL": Level.CRITICAL,
}  # fmt: skip
_DOWNTIME_BY_LEVEL: Final[Mapping[Level, float]] = {
    status.level: status.downtime for status in BUILT_IN_STATUSES.values()
}
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def add_status(request: Request) -> Order:
    """Add a status; its id is made of its name, once."""
    name, description = one_line(request.required("name")), request.required("description")
    icon, is_default = _icon(request.shown, request.required("image")), _flag(request)
    id_ = slug(name)
    if id_ in request.shown.site.statuses:
        raise Refusal(400, f"there is a status with the id {quoted(id_)} already")
    level = _level(request, icon, is_default=is_default is True)
    fields: dict[str, Any] = {"name": name, "level": level.value, "description": description, "icon": icon}
    fields |= {"downtime": _DOWNTIME_BY_LEVEL[level], "default": is_default or False}
    kept = {key: value for key, value in fields.items() if value}
    return Order(intent=AddRecord(kind="status", id=id_, fields=kept), resource=f"statuses/{id_}", code=201)


def edit_status(request: Request) -> Order:
    """Change what is given."""
    name = _status(request)
    record = request.shown.site.statuses[name]
    words, description, image = (request.optional(key) for key in ("name", "description", "image"))
    wanted: dict[str, Any] = {"name": one_line(words) if words else None, "description": description}
    wanted |= {"icon": None if image is None else _icon(request.shown, image), "default": _flag(request)}
    wanted |= {"level": level.value if (level := _said_level(request)) else None}
    now = {**{key: getattr(record, key) for key in wanted}, "level": record.level.value}
    fields = {key: value for key, value in wanted.items() if value is not None and value != now[key]}
    if fields.get("default") is False:
        raise Refusal(400, f"{quoted(name)} is the default: make another status the default instead")
    intent = EditRecord(kind="status", id=name, fields=fields) if fields else None
    return Order(intent=intent, resource=f"statuses/{name}")


def delete_status(request: Request) -> Order:
    """Delete a status that nothing needs: Stashboard took all events that had it away, and so rewrote history."""
    name = _status(request)
    if name in BUILT_IN_STATUSES:
        raise Refusal(400, f"the status {quoted(name)} is built in: it can be changed, but not deleted")
    if request.shown.site.statuses[name].default:
        raise Refusal(400, f"{quoted(name)} is the default: make another status the default first")
    return Order(intent=RemoveRecord(kind="status", id=name), resource=f"statuses/{name}", answer="before")


def _status(request: Request) -> str:
    (name,) = request.names
    if name not in request.shown.site.statuses:
        raise missing("status", name)
    return name


def _flag(request: Request) -> bool | None:
    text = request.fields.get("default", "")
    if text and text not in _FLAGS:
        raise Refusal(400, f"default is neither `true` nor `false`: {quoted(text)}")
    return _FLAGS.get(text)


def _icon(shown: Shown, name: str) -> str:
    """Return the icon that an image is, by a name that `status-images` lists or that Stashboard had; raise Refusal."""
    statuses = shown.site.statuses
    found = {image.name: image for image in images(shown.context)}
    image = found.get(name)
    if image is not None and image.icon_set == "static":
        return str(PurePosixPath(image.path).relative_to("static"))
    if image is not None and image.icon_set == "statuses":
        return _shape(statuses[name])
    if image is not None:
        return name
    old = _OLD_ICONS.get(name)
    if old is None:
        raise Refusal(400, f"there is no image {quoted(name)}: status-images lists them")
    return old if old in found else ""


def _shape(status: Status) -> str:
    return status.icon or SHAPE_BY_LEVEL[status.level]


def _said_level(request: Request) -> Level | None:
    # Since 1.5 it was ignored, so what is no level must not be an error.
    return _LEVELS.get(request.fields.get("level", "").strip().upper())


def _level(request: Request, icon: str, *, is_default: bool) -> Level:
    """Return the severity: the one that is given, that of statuses with this icon, or one that is not overlooked."""
    if said := _said_level(request):
        return said
    if is_default:
        return Level.NORMAL
    like = [status.level for status in request.shown.site.statuses.values() if icon and status.icon == icon]
    return _LEVEL_BY_SHAPE.get(icon) or next(iter(like), Level.WARNING)
