"""Run with ``python -m pappus``."""

from pappus.cli import main

if __name__ == "__main__":
    main()
