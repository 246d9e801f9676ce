"""Visibility: how far one sees through the air."""

from tocsin.indicators.visibility.visibility import visibility

__all__ = ["visibility"]
