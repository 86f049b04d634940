"""The words of a theme: `translations/<code>.yaml` of all its layers, flat maps of key -> text or plural forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import yaml

from stashgen.errors import ThemeError
from stashgen.i18n import Catalog
from stashgen.theme.folders import Layer

_FOLDER: Final = "translations/"
_SUFFIX: Final = ".yaml"


class Catalogs(Mapping[str, Catalog]):
    """Language -> catalog, read when asked for; words of a layer lie over those of the layers below."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers

    def __getitem__(self, language: str) -> Catalog:
        name = f"{_FOLDER}{language}{_SUFFIX}"
        found = [layer for layer in reversed(self._layers) if name in layer.files]
        if not found:
            raise KeyError(language)
        catalog: dict[str, str | Mapping[str, str]] = {}
        for layer in found:
            catalog.update(_read(layer, name))
        return catalog

    def __iter__(self) -> Iterator[str]:
        names = {name for layer in self._layers for name in layer.files if name.startswith(_FOLDER)}
        return iter(sorted(name[len(_FOLDER) : -len(_SUFFIX)] for name in names if name.endswith(_SUFFIX)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read(layer: Layer, name: str) -> Catalog:
    try:
        data = yaml.load(layer.files[name], Loader=yaml.CSafeLoader)
        words = msgspec.convert(data or {}, dict[str, str | dict[str, str]])
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise ThemeError(f"{layer.label}/{name}: {' '.join(str(error).split())}") from error
    for key, forms in words.items():
        if isinstance(forms, dict) and "other" not in forms:
            raise ThemeError(f"{layer.label}/{name}: {key}: lacks the form `other`, which every language falls back to")
    return words
