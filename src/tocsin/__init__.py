"""Tocsin: watch hazards, warn the right places, act in time, answer for it."""

__version__ = "0.1.0"
