"""Secrets in the data folder: made once, whole or not at all, readable by the office alone.

The secret key, the keys of the contacts and the Web Push keys are files of this kind. Losing one
costs dearly (sessions, contacts, browsers), so two processes that start at once must agree on one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.errors import StorageError

__all__ = ["made_once", "replace"]


def made_once(file: Path, make: Callable[[], bytes]) -> bytes:
    """Return what ``file`` holds; the first process or thread to ask makes it with ``make``.

    Raises
    ------
    StorageError
        The file cannot be read or made.
    """
    with _told(file):
        try:
            return file.read_bytes()
        except FileNotFoundError:
            part = _part(file, make())
        try:
            os.link(part, file)  # the first one wins, whole or not at all
        except FileExistsError:
            pass  # another one was quicker: its secret is everybody's
        finally:
            part.unlink()
        return file.read_bytes()


def replace(file: Path, content: bytes) -> None:
    """Put ``content`` in the place of what ``file`` held; a reader sees the one or the other.

    Raises
    ------
    StorageError
        It cannot be written; what the file held is still there.
    """
    with _told(file):
        _part(file, content).replace(file)


def _part(file: Path, content: bytes) -> Path:
    """Write ``content`` beside ``file`` under a name nobody else has, mode 600."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        part.unlink()
        raise
    return part


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{file} cannot be read or kept: {error.strerror}. This process has to be able to "
            f"write {file.parent}; TOCSIN_DATA names another folder."
        ) from error
