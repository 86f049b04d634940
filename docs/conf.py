"""How Sphinx makes a site of the manual; `docs/manual.py` puts the pages together and calls it."""

from __future__ import annotations

import stashgen

project = "stashgen"
author = "stashgen contributors"
project_copyright = "stashgen contributors"
version = release = stashgen.__version__

extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True
# A JSON example that leaves something out is no JSON, and is shown all the same.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"stashgen {release}"
html_extra_path = ["extra"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
