"""`python -m stashgen`."""

from stashgen.cli import main

if __name__ == "__main__":
    main()
