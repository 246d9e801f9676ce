"""Bring a checkout to the state that checks and tests need; a second run is quick.

Standard library only.
"""

from __future__ import annotations

from tools.demo import REPORT, prepare
from tools.environment import PYTHON, install
from tools.steps import ROOT, alone, digest, is_stamped, run, stamp
from tools.vendor import vendor

MARK = ROOT / "build" / "translations.stamp"


def main() -> None:
    """Install the development lock, the front end, the translations and the example's data."""
    with alone():
        print("Getting ready: packages, front end, translations, example data ...", flush=True)
        install("dev")
        vendor()
        catalogues = sorted((ROOT / "src" / "tocsin").rglob("*.po"))
        value = digest(catalogues)
        made = all(path.with_suffix(".mo").is_file() for path in catalogues)
        if not (made and is_stamped(MARK, value)):
            run([PYTHON, "-m", "tools.translations"], remedy=REPORT)
            stamp(MARK, value)
        prepare()


if __name__ == "__main__":
    main()
