"""How long the replay of a year and the public pages take here, with the targets beside them.

Times depend on the machine, so nothing fails here; run it twice before and after a change.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REGION = Path(__file__).parents[1] / "examples" / "new-york-2013"
PAGES = (
    "/",
    "/zh-hans/",
    "/warnings/",
    "/warnings/heat-2013-07-17/",
    "/how-we-warn/",
    "/feeds/warnings.atom",
    "/areas.geojson",
)
ROUNDS = 30


def replay(data: Path) -> float:
    """Replay the year in a process of its own, as a person does; return the seconds it took."""
    if not (REGION / "prepared" / "weather.csv").is_file():
        subprocess.run([sys.executable, str(REGION / "prepare.py")], check=True)
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "replay"]
    begun = time.perf_counter()
    subprocess.run([*command, str(REGION), "--data", str(data)], check=True)
    return time.perf_counter() - begun


def pages(data: Path) -> list[tuple[str, float, float]]:
    """Return for each page its median time and the time of a 304, in ms of server time."""
    os.environ["TOCSIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.office.project.settings"
    import django  # the settings read the data folder's name when they are loaded

    django.setup()
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    rows = []
    for path in PAGES:
        first = client.get(path)
        tag = first.headers.get("ETag", "")
        # Another address each time: a page made once is kept, and would not be made again.
        fresh = statistics.median(_timed(client, f"{path}?round={n}") for n in range(ROUNDS))
        known = statistics.median(_timed(client, path, tag) for _ in range(ROUNDS))
        rows.append((path, fresh, known))
    return rows


def _timed(client: object, path: str, tag: str = "") -> float:
    headers = {"if-none-match": tag} if tag else {}
    begun = time.perf_counter()
    response = client.get(path, headers=headers)  # type: ignore[attr-defined]
    taken = time.perf_counter() - begun
    wanted = 304 if tag else 200
    if response.status_code != wanted:
        raise SystemExit(f"{path} answered {response.status_code}, expected {wanted}")
    return taken * 1000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        print(f"replay of one year: {replay(data):.1f} s (target 20 s)\n")
        print(f"{'page':<32}{'median ms':>10}{'304 ms':>10}   (target 50 ms)")
        for path, fresh, known in pages(data):
            print(f"{path:<32}{fresh:>10.1f}{known:>10.1f}")


if __name__ == "__main__":
    main()
