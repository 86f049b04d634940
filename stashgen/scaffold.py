"""The files that `init` writes: a small site that works at once, and what publishes it.

Times are relative to `now`, so that the first page shows a past incident on its bars.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from string import Template
from typing import Final

from stashgen import __version__

SCHEMAS: Final = ".stashgen/schemas"
# What a repository may have already: it is left as it is.
OPTIONAL: Final = frozenset({"README.md", ".gitignore"})

_RECORD_DAYS: Final = 30
_INCIDENT_DAYS: Final = 6

_SITE: Final = """\
# yaml-language-server: $$schema=../$schemas/site.schema.json
# Settings of the page. Every field is described in the data reference; `stashgen check` finds mistakes.
title: Example Status
description: Current state and history of the services of Example.
timezone: UTC
language: en
logo: logo.svg
# Where the page is published. Set it once you know: links in previews and feeds come from it.
# url: https://status.example.com
# The day from which the page has a record.
since: $since
links:
  - title: Website
    url: https://www.example.com
"""

_GROUP: Final = """\
# yaml-language-server: $$schema=../../$schemas/group.schema.json
name: Platform
"""

_SERVICES: Final[Mapping[str, str]] = {
    "website": """\
# yaml-language-server: $$schema=../../$schemas/service.schema.json
name: Website
description: What visitors see at www.example.com.
group: platform
order: 1
""",
    "api": """\
# yaml-language-server: $$schema=../../$schemas/service.schema.json
name: API
description: Requests that customers' programs send.
group: platform
order: 2
""",
    "sign-in": """\
# yaml-language-server: $$schema=../../$schemas/service.schema.json
name: Sign-in
description: Accounts, passwords and single sign-on.
group: platform
order: 3
""",
}

_EVENT: Final = """\
# yaml-language-server: $$schema=../../../$schemas/event.schema.json
# One event is one file. A later word is text added at its end; the status of a service follows from the timeline.
title: Slow responses from the API
services: {api: warning}
updates:
  - at: ${day}T09:12:00Z
    state: investigating
    message: |
      Some requests to the API take longer than ten seconds. We are looking into it.
  - at: ${day}T09:41:00Z
    state: identified
    services: {sign-in: warning}
    message: |
      A database query lost its index in last night's release. Signing in is slow too, for the same reason.
      We are building the index again and expect that to take **half an hour**.
  - at: ${day}T10:08:00Z
    state: monitoring
    services: {sign-in: up}
    message: |
      The index is back. Signing in works as usual, and the API is getting faster.
  - at: ${day}T10:30:00Z
    state: resolved
    message: |
      Response times have been normal for twenty minutes.
"""

_LOGO: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" role="img" aria-label="Example">
  <rect width="32" height="32" rx="8" fill="#2f5d62"/>
  <path d="M9 17.5l4.5 4.5L23 11" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>
</svg>
"""

_README: Final = """\
# Status page

The services and events of this page are YAML files under `site-data/`; stashgen turns them into plain files in `build/`, which any static host can serve.

```sh
pip install "stashgen==$version"
stashgen serve     # shows the page and follows your edits
stashgen check     # finds every mistake, with its line
stashgen build     # writes the page into build/
```

## When something breaks

Add a file such as `site-data/events/$year/$today-slow-checkout.yaml`:

```yaml
title: Checkout is slow
services: {api: warning}
updates:
  - at: ${today}T10:02:00Z
    state: investigating
    message: |
      Payments take up to **30 seconds**. We are looking into it.
```

Later words go to the end of the same file, the last one with `state: resolved`. Commit and push: the page follows.

## Publishing

`.github/workflows/status-page.yml` checks and builds the page on every push and twice an hour, so that planned
maintenance starts and ends on time, and publishes it on GitHub Pages. Choose **GitHub Actions** as the source once,
under Settings, Pages; then set `url` in `site-data/site.yaml`. Any other host works too: it only has to serve `build/`.
"""

_WORKFLOW: Final = """\
name: Status page

on:
  push:
  pull_request:
  schedule:
    - cron: "7,37 * * * *" # planned maintenance starts and ends without a push
  workflow_dispatch:

permissions:
  contents: read

concurrency:
  group: status-page-$${{ github.ref }}
  cancel-in-progress: false

jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: python -m pip install "stashgen==$version"
      - run: stashgen check --format github
      - run: stashgen build
      - uses: actions/upload-pages-artifact@v3
        with:
          path: build

  publish:
    if: github.event_name != 'pull_request' && github.ref_name == github.event.repository.default_branch
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      pages: write
      id-token: write
    environment:
      name: github-pages
      url: $${{ steps.deploy.outputs.page_url }}
    steps:
      - uses: actions/deploy-pages@v4
        id: deploy
"""

_GITIGNORE: Final = """\
/build/
"""


def files(now: dt.datetime, schemas: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a new site by path; `schemas` are JSON Schemas by record name."""
    event_day = (now - dt.timedelta(days=_INCIDENT_DAYS)).date()
    words = {
        "version": __version__,
        "schemas": SCHEMAS,
        "since": (now - dt.timedelta(days=_RECORD_DAYS)).date().isoformat(),
        "day": event_day.isoformat(),
        "today": now.date().isoformat(),
        "year": str(now.year),
    }
    texts = {
        "site-data/site.yaml": _SITE,
        "site-data/groups/platform.yaml": _GROUP,
        **{f"site-data/services/{id_}.yaml": text for id_, text in _SERVICES.items()},
        f"site-data/events/{event_day.year}/{event_day}-slow-responses-from-the-api.yaml": _EVENT,
        "site-data/static/logo.svg": _LOGO,
        ".github/workflows/status-page.yml": _WORKFLOW,
        ".gitignore": _GITIGNORE,
        "README.md": _README,
    }
    filled = {path: Template(text).substitute(words).encode() for path, text in texts.items()}
    return filled | {f"{SCHEMAS}/{name}.schema.json": data for name, data in schemas.items()}
