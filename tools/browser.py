"""Find a Chromium for the browser tests and the pictures; on Debian as root, install one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

__all__ = ["CHROMIUM_FLAGS", "MISSING", "find_chromium", "install_chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-wqy-microhei")  # the font shows Chinese in pictures
MISSING = (
    "No Chromium found. Install one (Debian: apt-get install chromium) or name it with "
    "TOCSIN_CHROMIUM=/path/to/chromium."
)
CHROMIUM_FLAGS = (
    "--no-sandbox",  # containers rarely allow its sandbox; it only ever sees our own pages
    "--use-angle=swiftshader",  # WebGL by software: test machines have no graphics card
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    if named := os.environ.get("TOCSIN_CHROMIUM"):
        return named if os.access(named, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install_chromium() -> bool:
    """Install Chromium where that is possible without asking; return whether it worked."""
    if not Path("/etc/debian_version").exists() or os.geteuid() != 0:
        return False
    print("      installing Chromium with apt-get (Debian, as root) ...", flush=True)
    apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(
            command, env=apt, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"      {' '.join(command)} failed:\n{done.stderr[-800:]}", flush=True)
            return False
    return True


def main() -> None:
    """Say which Chromium the tests will use; install one if that is allowed."""
    print("Chromium for the browser tests ...", flush=True)
    if not find_chromium() and not os.environ.get("TOCSIN_CHROMIUM"):
        install_chromium()
    found = find_chromium()
    print(f"      {found or MISSING + ' The browser tests will be SKIPPED.'}", flush=True)


if __name__ == "__main__":
    main()
