"""Lightning: strokes counted around a place."""

from tocsin.indicators.lightning.strokes import lightning_count, lightning_density, strokes_by_hour

__all__ = ["lightning_count", "lightning_density", "strokes_by_hour"]
