"""Where things are: the region and its clock, the tree of areas, stations, facilities, settlements.

All of it comes from the region folder (``places.services.load_region_folder``); names are kept in
every language of the region as ``{"en": ..., "zh-Hans": ...}``.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from treebeard.mp_tree import MP_Node


class Region(models.Model):
    """The one region this data folder serves."""

    code = models.CharField(max_length=60, unique=True)
    folder = models.CharField(max_length=500)
    names = models.JSONField()
    languages = models.JSONField()
    time_zone = models.CharField(max_length=60)
    display_units = models.JSONField(default=dict, help_text="dimension -> unit shown on pages")
    sender = models.CharField(max_length=200, help_text="CAP sender")
    identifier_prefix = models.CharField(max_length=120, help_text="CAP identifiers begin with it")
    is_signed = models.BooleanField(
        default=False, help_text="a message without a good signature is not issued"
    )
    approval = models.JSONField(
        default=dict, help_text="level or cancel -> auto, one, two: tocsin.region.model.Approval"
    )
    area_method = models.JSONField(help_text="how an area gets its value, in each language")
    is_replay = models.BooleanField(default=False)
    replay_first = models.DateTimeField(null=True)
    replay_last = models.DateTimeField(null=True)
    clock_at = models.DateTimeField(null=True, help_text="the hour a replay region stands at")
    replayed_until = models.DateTimeField(null=True, help_text="cycles before this have been run")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the folder as loaded")

    def __str__(self) -> str:
        return self.code

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which pages show times."""
        return ZoneInfo(self.time_zone)

    def now(self, wall: datetime) -> datetime:
        """Return the region's own now: the chosen hour of a replay, else ``wall``."""
        return self.clock_at if self.is_replay and self.clock_at else wall


class Area(MP_Node):
    """A jurisdiction in the tree: province > city > county > town > village."""

    code = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=30)
    names = models.JSONField()
    population = models.PositiveIntegerField(null=True)
    population_source = models.CharField(max_length=300, blank=True)
    geometry = models.JSONField(null=True, help_text="GeoJSON geometry, WGS84")
    label_lon = models.FloatField(null=True, help_text="a point inside, for the label")
    label_lat = models.FloatField(null=True)
    stations = models.JSONField(
        default=list,
        help_text='nearest first: [["EWR", 12.3 km], ...]; the first that has a value serves',
    )
    shares = models.JSONField(
        default=dict,
        help_text='which share of its surface each station stands for: {"EWR": 0.31, ...}',
    )

    node_order_by: ClassVar = ["code"]

    class Meta:
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.code


class Station(models.Model):
    """A place where quantities are measured."""

    code = models.CharField(max_length=30, unique=True)
    names = models.JSONField()
    lat = models.FloatField()
    lon = models.FloatField()
    elevation_m = models.FloatField(null=True)
    source = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.code


class Facility(models.Model):
    """A place that matters: school, hospital, shelter, depot, airport, bridge."""

    code = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=30, db_index=True)
    names = models.JSONField()
    lat = models.FloatField()
    lon = models.FloatField()
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="facilities")
    source = models.CharField(max_length=300)
    is_example = models.BooleanField(default=False, help_text="made up, and marked so on pages")

    class Meta:
        ordering: ClassVar = ["kind", "code"]
        verbose_name_plural = "facilities"

    def __str__(self) -> str:
        return self.code


class Settlement(models.Model):
    """A city, town or village with its people, as a point."""

    code = models.CharField(max_length=60, unique=True)
    names = models.JSONField()
    lat = models.FloatField()
    lon = models.FloatField()
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="settlements")
    population = models.PositiveIntegerField()
    source = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["-population", "code"]

    def __str__(self) -> str:
        return self.code
