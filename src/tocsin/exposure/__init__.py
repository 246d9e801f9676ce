"""Who and what lies inside an area or a warning polygon, and what a hazard does to it."""

from .about import about
from .cells import REACH_KM, cell_of, middle_of
from .event_sum import Hazard, Impacts, event_sum
from .inside import Places, kinds_inside
from .layers import (
    Amount,
    Grade,
    Layer,
    Lines,
    Points,
    Raster,
    Source,
    Surfaces,
    exposed,
)
from .measure import length_km, surface_km2
from .outline import from_circle, from_pairs, grown, turns, whole
from .vulnerability import Curve, Sigmoid, Vulnerability

__all__ = [
    "REACH_KM",
    "Amount",
    "Curve",
    "Grade",
    "Hazard",
    "Impacts",
    "Layer",
    "Lines",
    "Places",
    "Points",
    "Raster",
    "Sigmoid",
    "Source",
    "Surfaces",
    "Vulnerability",
    "about",
    "cell_of",
    "event_sum",
    "exposed",
    "from_circle",
    "from_pairs",
    "grown",
    "kinds_inside",
    "length_km",
    "middle_of",
    "surface_km2",
    "turns",
    "whole",
]
