"""Links of a document of the API as the client that asks shall see them: on the host and below the base it asked."""

from __future__ import annotations

from typing import Any, Final

from stashgen import urls

_LINKS: Final = frozenset({"url", "image"})
_BASES: Final = (f"/{urls.STASHBOARD}/", f"/{urls.STASHBOARD_ADMIN}/")


def rebased(value: Any, site_url: str | None, root: str, base: str) -> Any:
    """Return plain data with its links moved from the site's own URL to `root`, and those to the API below `base`."""
    site_root = (site_url or "").rstrip("/")

    def moved(link: str) -> str:
        path = link.removeprefix(site_root)
        own = next((one for one in _BASES if path.startswith(one)), None)
        return f"{root}/{base}/{path.removeprefix(own)}" if own else f"{root}{path}"

    def walked(value: Any) -> Any:
        if isinstance(value, list):
            return [walked(one) for one in value]
        if isinstance(value, dict):
            return {
                key: moved(one) if key in _LINKS and isinstance(one, str) else walked(one) for key, one in value.items()
            }
        return value

    return walked(value)
