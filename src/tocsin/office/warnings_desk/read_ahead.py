"""Read the places of the region before somebody asks: else the first preview would wait for it.

A process of the server reads them by itself, some seconds after it began, so that the pages asked
for first do not share its processor.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connections

from tocsin.errors import TocsinError
from tocsin.office.places.current import current_region

from .impact import Gazetteer

__all__ = ["read_ahead", "read_places"]

log = logging.getLogger(__name__)
AFTER_S = 5.0


def read_ahead(after_s: float = AFTER_S) -> threading.Timer:
    """Begin to read in ``after_s`` seconds, in a thread that nobody has to wait for."""
    timer = threading.Timer(after_s, read_places)
    timer.daemon = True
    timer.start()
    return timer


def read_places() -> None:
    """Read the places of the region, if one is loaded; what goes wrong is logged.

    Nothing depends on it: the preview reads what is missing, and tells what cannot be read.
    """
    try:
        region = current_region()
        if region is not None:
            gazetteer = Gazetteer.read(region)
            gazetteer.impact(gazetteer.places)  # layers index themselves when they are first asked
    except (DatabaseError, TocsinError) as error:
        log.warning("The places of the region could not be read ahead: %s", error)
    finally:
        connections.close_all()
