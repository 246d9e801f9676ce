"""The same indicators over NetCDF, Zarr and GRIB; threads on one machine or a Dask cluster.

``compute`` writes a Zarr store, ``open_result`` reads it; ``area_weights`` and ``area_statistics``
make numbers of areas out of numbers of cells. xarray, zarr and dask are loaded when first needed.
"""

from tocsin.grids.areas import AreaWeights, area_weights
from tocsin.grids.grid import Grid
from tocsin.grids.run import Result, compute
from tocsin.grids.statistics import area_statistics
from tocsin.grids.store import open_result

__all__ = [
    "AreaWeights",
    "Grid",
    "Result",
    "area_statistics",
    "area_weights",
    "compute",
    "open_result",
]
