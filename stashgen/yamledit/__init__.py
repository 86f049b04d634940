"""YAML files of people changed so that their comments, order and quoting stay.

    rewritten(data, wanted)     the bytes of a file and the data it shall hold -> the bytes with only that changed

Only the characters of what differs are replaced: whatever stands elsewhere, down to spaces and line ends, stays as
it is. Where that cannot be done (anchors, keys in odd places), ruamel.yaml writes the file anew with its comments.
Either way the result is read again by our own reader and must hold exactly what was wanted.
"""

from stashgen.yamledit.rewriting import UneditableError, content, rewritten

__all__ = ["UneditableError", "content", "rewritten"]
