"""Take the README's pictures of a built site: wide, dark, and on a phone.

python docs/picture.py build
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Browser, sync_playwright

IMAGES: Final = Path(__file__).parent / "images"
NOW: Final = "2026-11-23T10:30:00Z"


class Shot(NamedTuple):
    """One picture, in CSS pixels."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


SHOTS: Final = (
    Shot("dashboard", 960, 1600, "light"),
    Shot("dashboard-dark", 960, 1600, "dark"),
    Shot("dashboard-phone", 375, 812, "light"),
)


def take(browser: Browser, page_file: Path, shot: Shot) -> None:
    """Write one picture; the clock stands where the demo was built."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.clock.set_fixed_time(NOW)
    page.goto(page_file.as_uri())
    page.screenshot(path=IMAGES / f"{shot.name}.png", animations="disabled")
    context.close()


def main() -> None:
    """Take every picture of the site in the folder that the first argument names."""
    IMAGES.mkdir(exist_ok=True)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.getuid() == 0 else [])
        for shot in SHOTS:
            take(browser, Path(sys.argv[1]).resolve() / "index.html", shot)
        browser.close()


if __name__ == "__main__":
    main()
