"""YAML bytes -> plain data, and the places of its fields when there is something to say about them.

Scalars are read by the core schema of YAML 1.2: `no`, `on`, `10:30`, `0777` and `1_000` stay text. Texts that the
shape declares as instants become aware UTC datetimes. Tags, merge keys, a second document and deep nesting are
refused; aliases are followed up to a small bound.
"""

from stashgen.yamlio.builder import Shape
from stashgen.yamlio.document import Parsed, parse
from stashgen.yamlio.places import place

__all__ = ["Parsed", "Shape", "parse", "place"]
