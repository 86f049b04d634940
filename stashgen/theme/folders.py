"""Finding a theme's folders: the chain from the name in site.yaml down to the theme that extends no other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import yaml
from msgspec import Meta

from stashgen.errors import SettingError, ThemeError
from stashgen.text import did_you_mean, listed

PACKAGE: Final = Path(__file__).resolve().parent.parent
CONFIG: Final = "theme.yaml"
_LONGEST_CHAIN: Final = 20
COLORS: Final = (
    "paper", "ink", "soft", "line", "track", "normal", "maintenance", "warning", "error", "critical",
)  # fmt: skip

Hex = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]
Palette = dict[str, Hex]


class Palettes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Colours by their name, for readers of the light and of the dark scheme."""

    light: Palette = {}
    dark: Palette = {}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """theme.yaml."""

    extends: str | None = None
    palette: Palettes = Palettes()


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One folder of the chain; `label` is its name in messages, `files` maps names with `/` to bytes, sorted."""

    label: str
    folder: Path
    files: Mapping[str, bytes]


def chain(name: str, project: Path) -> tuple[tuple[Layer, ...], Palettes]:
    """Return the layers of a theme, the most specific first, and their colours laid over each other."""
    layers: list[Layer] = []
    configs: list[Config] = []
    seen: list[str] = []
    place = ""
    wanted: str | None = name
    while wanted is not None:
        _refuse_loop(place, [*seen, wanted])
        seen.append(wanted)
        found = [_layer(label, folder) for label, folder in _folders(wanted, project)]
        if not found:
            unknown = _unknown(wanted, project)
            raise ThemeError(f"{place}: {unknown}") if seen[:-1] else SettingError("theme", unknown)
        layers += found
        own = [_config(layer) for layer in found]
        configs += own
        place = f"{found[0].label}/{CONFIG}: extends"
        wanted = next((config.extends for config in own if config.extends), None)
    return tuple(layers), _merged(layers[0].label, configs)


def _refuse_loop(place: str, names: list[str]) -> None:
    if names[-1] in names[:-1] or len(names) > _LONGEST_CHAIN:
        raise ThemeError(f"{place}: {' -> '.join(names)} runs in a circle; a theme must end at one that extends none")


def roots(project: Path) -> Iterator[Path]:
    """Yield the folders of themes: the project's, then ours, `themes` beside the package or, in a wheel, inside it."""
    yield project / "themes"
    packaged = PACKAGE / "themes"
    yield packaged if packaged.is_dir() else PACKAGE.parent / "themes"


def _folders(name: str, project: Path) -> list[tuple[str, Path]]:
    # A name is one folder's name and never a path.
    if not name or name.startswith(".") or {"/", "\\", "\0"} & set(name):
        return []
    found: dict[Path, tuple[str, Path]] = {}
    for root, home in zip(roots(project), ("themes", "stashgen/themes"), strict=True):
        folder = root / name
        if folder.is_dir():
            found.setdefault(folder.resolve(), (f"{home}/{name}", folder))
    return [*found.values()]


def _unknown(name: str, project: Path) -> str:
    known = sorted({path.name for root in roots(project) if root.is_dir() for path in root.iterdir() if path.is_dir()})
    return f"no theme named `{name}`{did_you_mean(name, known)}; there are {listed(known)}"


def _layer(label: str, folder: Path) -> Layer:
    try:
        return Layer(label=label, folder=folder, files=dict(_files(folder)))
    except OSError as error:
        raise ThemeError(f"{label}: {error.strerror or error}: {error.filename}") from error


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            # Editors leave hidden and `~` files, and a pipe would be waited for without end.
            if not name.startswith(".") and not name.endswith("~") and path.is_file():
                yield path.relative_to(folder).as_posix(), path.read_bytes()


def _config(layer: Layer) -> Config:
    try:
        data: Any = yaml.load(layer.files.get(CONFIG, b""), Loader=yaml.CSafeLoader)
        return msgspec.convert(data or {}, Config)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        what = " ".join(str(error).split())
        raise ThemeError(f"{layer.label}/{CONFIG}: {what}") from error


def _merged(label: str, configs: list[Config]) -> Palettes:
    light: Palette = {}
    dark: Palette = {}
    for config in reversed(configs):
        light |= config.palette.light
        dark |= config.palette.dark
    for scheme, palette in (("light", light), ("dark", dark)):
        missing = [color for color in COLORS if color not in palette]
        if missing:
            raise ThemeError(f"{label}/{CONFIG}: palette.{scheme}: there is no {listed(missing)}")
    return Palettes(light=light, dark=dark)
