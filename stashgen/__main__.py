"""`stashgen` and `python -m stashgen`: the way in, small enough that ^C is quiet from the first moment on."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program; ^C while it still loads ends it like any later one."""
    try:
        from stashgen import cli  # noqa: PLC0415 -- loading takes long enough to be interrupted

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
