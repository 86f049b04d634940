"""Write the events of a site-data folder as the content of the Hugo site in benchmarks/hugo.

python benchmarks/as_hugo.py SITE_DATA OUT
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import yaml

TEMPLATE: Final = Path(__file__).parent / "hugo"


def page(event: dict[str, Any]) -> str:
    """Return one event as a page with front matter, newest update first."""
    updates = event["updates"]
    head = {"title": event["title"], "date": str(updates[0]["at"]), "services": list(event.get("services", ()))}
    said = [
        f"### {update.get('state', 'update')} · {update['at']}\n\n{update['message']}" for update in reversed(updates)
    ]
    return "\n\n".join([json.dumps(head), *said])


def convert(site_data: Path, out: Path) -> None:
    """Write the whole Hugo site."""
    shutil.copytree(TEMPLATE, out, dirs_exist_ok=True)
    content = out / "content" / "events"
    content.mkdir(parents=True, exist_ok=True)
    for path in sorted((site_data / "events").rglob("*.yaml")):
        event = yaml.load(path.read_bytes(), yaml.CBaseLoader)
        (content / f"{path.stem}.md").write_text(page(event), encoding="utf-8")


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
