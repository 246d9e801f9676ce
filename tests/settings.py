"""The office's own settings with a data folder of their own, so that no test touches ./var."""

import os
from pathlib import Path

os.environ["TOCSIN_DATA"] = str(  # a folder for each of the processes that run tests at once
    Path(__file__).resolve().parent.parent
    / "build"
    / "test-data"
    / os.environ.get("PYTEST_XDIST_WORKER", "one")
)

from tocsin.office.project.settings import *  # noqa: F403  (after the data folder is named)

# Quick: it guards only the cast of a test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  (WhiteNoise warns of a missing folder)

if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # A name of its own: two runs at once, or one that was killed, do not get in each other's way.
    DATABASES["default"]["TEST"] = {"NAME": f"test_tocsin_{os.getpid()}"}  # noqa: F405
