"""NetCDF, Zarr and GRIB opened lazily; told apart by their first bytes, not by their names."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import GridError
from tocsin.grids.damage import check_classic_netcdf, check_grib

if TYPE_CHECKING:
    import xarray

__all__ = ["STATUS", "fingerprint", "open_file", "status"]

_ZARR = ("zarr.json", ".zgroup", ".zmetadata")
STATUS = "tocsin_status"
"""The attribute by which a result of ours says whether it is whole."""


def open_file(path: Path) -> Sequence[xarray.Dataset]:
    """Open a file without reading its numbers; GRIB may come as several data sets.

    Raises
    ------
    GridError
        It is not there, none of the three formats, damaged, or a result that is not whole yet.
    """
    if not path.exists():
        raise GridError(f"{path} does not exist.")
    if path.is_dir():
        return [_open_zarr(path)]
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise GridError(f"{path} cannot be read: {error.strerror}.") from error
    if head[:4] in (b"CDF\x01", b"CDF\x02", b"CDF\x05"):
        check_classic_netcdf(path)
    elif b"GRIB" in head:
        check_grib(path)
        return _open_grib(path)
    elif head[:8] != b"\x89HDF\r\n\x1a\n":
        raise GridError(f"{path} is neither NetCDF nor GRIB, and no Zarr folder.")
    import xarray

    try:
        return [xarray.open_dataset(path, engine="netcdf4", cache=False, decode_timedelta=False)]
    except (OSError, ValueError) as error:
        raise GridError(
            f"{path} cannot be opened as NetCDF: {error}. It may be cut off; fetch it again."
        ) from error


def _open_zarr(path: Path) -> xarray.Dataset:
    if not any((path / name).is_file() for name in _ZARR):
        raise GridError(f"{path} is a folder, but no Zarr store: it has no zarr.json or .zgroup.")
    if status(path) not in (None, "complete"):
        raise GridError(
            f"{path} is not complete: the run that writes it was broken off or is still at work. "
            "Give the same `tocsin grids compute` command again to finish it."
        )
    import xarray

    try:
        data: xarray.Dataset = xarray.open_zarr(
            path, chunks=None, consolidated=False, decode_timedelta=False
        )
    except (OSError, ValueError, KeyError) as error:
        raise GridError(f"{path} cannot be opened as Zarr: {error}.") from error
    return data


def status(path: Path) -> str | None:
    """Return how far a store of ours is, None of any other folder."""
    try:
        attributes = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        return str(attributes[STATUS])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _open_grib(path: Path) -> Sequence[xarray.Dataset]:
    import cfgrib

    try:
        # Without an index file: the folder of the input may be somebody else's.
        opened: Sequence[xarray.Dataset] = cfgrib.open_datasets(
            str(path), backend_kwargs={"indexpath": ""}, cache=False, decode_timedelta=False
        )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise GridError(f"{path} cannot be opened as GRIB: {error}.") from error
    return opened


def fingerprint(path: Path) -> str:
    """Return what changes when an input changes: names, sizes and times of its files."""
    digest = hashlib.sha256()
    if path.is_file():
        found = [("", path.stat())]
    else:
        found = []
        for folder, inner, names in os.walk(path):
            inner.sort()
            where = os.path.relpath(folder, path)
            found += [(f"{where}/{n}", os.stat(os.path.join(folder, n))) for n in sorted(names)]
    for name, about in found:
        digest.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]
