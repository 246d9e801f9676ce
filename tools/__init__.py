"""The programs behind `make`: run from the root of a checkout as `python -m tools.NAME`."""
