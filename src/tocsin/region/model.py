"""What a region is, once its folder has been read and found in order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from tocsin.intake import Feed
from tocsin.region.layer_spec import LayerFile
from tocsin.triggers.rules import Rule, Text

__all__ = [
    "Approval",
    "Area",
    "AreaMethod",
    "Cap",
    "Facility",
    "Policy",
    "Region",
    "RegionFile",
    "RegionFiles",
    "Replay",
    "Settlement",
    "Station",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            "There is no such time zone. Use an IANA name such as America/New_York."
        ) from error
    return name


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
_Lat = Annotated[float, Field(ge=-90, le=90, description="degrees north, WGS84")]
_Lon = Annotated[float, Field(ge=-180, le=180, description="degrees east, WGS84")]
_Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=30)]
_Language = Annotated[
    str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description="en, zh-Hans")
]
_CAP_WORD = r"^[^\s,<&]+$"
"""CAP 1.2, 3.2.1: identifier and sender hold no spaces, commas or restricted characters."""


class Replay(_Strict):
    """A past stretch of time that the region replays. Times are kept in UTC."""

    first: Moment
    last: Moment
    stand_at: Moment = Field(description="where the region's clock stands after the demo's replay")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last <= self.first:
            raise ValueError("The replay ends before it begins. Make last later than first.")
        if not self.first <= self.stand_at <= self.last:
            raise ValueError("The clock stands outside the replay. Put stand_at inside it.")
        return self


class Cap(_Strict):
    """Who signs as sender, and how identifiers begin."""

    sender: str = Field(pattern=_CAP_WORD, max_length=200, description="an address, no spaces")
    identifier_prefix: str = Field(pattern=_CAP_WORD, max_length=100, description="an OID or URN")
    signed: bool = Field(False, description="true: without a good signature nothing is issued")


class AreaMethod(_Strict):
    """How an area gets its value from stations."""

    name: Literal["nearest"]
    max_distance_km: float = Field(gt=0, le=1000)
    text: Text


class Policy(_Strict):
    """How the desk behaves."""

    min_update_h: int = Field(1, ge=0, le=48, description="hours between two updates of one level")
    renew_before_h: int = Field(1, ge=0, le=48, description="hours before expiry to renew")


Need = Literal["auto", "one", "two"]
"""How many persons approve: nobody, one, or two different ones."""


class Approval(_Strict):
    """How many persons approve a draft, by its highest level. Its author is never the only one."""

    blue: Need = "one"
    yellow: Need = "one"
    orange: Need = "one"
    red: Need = "two"
    cancel: Need = Field("one", description="a cancel, an all-clear, or a lower level somewhere")

    @classmethod
    def of_replay(cls) -> Self:
        """Return what holds in a replay that says nothing: an exercise asks for nobody."""
        return cls(blue="auto", yellow="auto", orange="auto", red="auto", cancel="auto")


class RegionFiles(_Strict):
    """Where the region's files are, seen from its folder."""

    areas: str = "areas.csv"
    outlines: str = "outlines.geojson"
    stations: str = "stations.csv"
    facilities: str = "facilities.csv"
    settlements: str | None = Field(None, description="without it the region has none")
    feeds: str = "feeds.toml"
    rules: str = Field("rules.toml", description="a file, or a folder of *.toml")
    records: str | None = Field(None, description="annual extremes of stations, a CSV file")
    curves: str | None = Field(None, description="vulnerability curves and matrices of impact")
    prepare: str | None = Field(None, description="the script that fetches or makes files")


class _Head(_Strict):
    """What ``region.toml`` and a loaded region share."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    name: Text
    languages: tuple[_Language, ...] = Field(min_length=1, description="en, zh-Hans")
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    units: dict[str, str] = Field(
        default_factory=dict, description="quantity or indicator kind -> unit on pages"
    )
    replay: Replay | None = None
    cap: Cap
    area_method: AreaMethod
    policy: Policy = Policy()
    approval: Approval | None = Field(None, description="none: see approvals")

    @property
    def approvals(self) -> Approval:
        """What ``[approval]`` says; without one a live region has the defaults, a replay none."""
        return self.approval or (Approval.of_replay() if self.replay else Approval())


class RegionFile(_Head):
    """The schema of ``region.toml``."""

    files: RegionFiles = RegionFiles()
    layer: tuple[LayerFile, ...] = Field((), description="who and what is exposed: [[layer]]")


class Area(_Strict):
    """A jurisdiction in the tree of areas."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    code: _Code
    parent: str | None = None
    kind: str = Field(pattern=r"^[a-z][a-z-]*$", description="region, state, county, town")
    name: Text
    population: int | None = Field(None, ge=0)
    population_source: str | None = Field(None, min_length=1)
    population_date: date | None = None
    geometry: Any = Field(None, description="shapely Polygon or MultiPolygon, WGS84, or None")


class Station(_Strict):
    """A place where quantities are measured."""

    id: _Code
    name: Text
    lat: _Lat
    lon: _Lon
    elevation_m: float | None = Field(None, ge=-500, le=9000)
    source: str = Field(min_length=1)


class Facility(_Strict):
    """A place that matters; ``example`` marks one that was made up."""

    id: str = Field(pattern=r"^\S+$", max_length=60)
    kind: str = Field(pattern=r"^[a-z][a-z-]*$", description="airport, hospital, shelter")
    name: Text
    lat: _Lat
    lon: _Lon
    source: str = Field(min_length=1)
    example: bool = False


class Settlement(_Strict):
    """A city, town or village with its people, as a point."""

    id: str = Field(pattern=r"^\S+$", max_length=60)
    name: Text
    lat: _Lat
    lon: _Lon
    population: int = Field(ge=0)
    source: str = Field(min_length=1)


class Region(_Head):
    """A region, whole and checked. ``units`` says in which unit pages show each dimension."""

    areas: tuple[Area, ...]
    stations: tuple[Station, ...]
    facilities: tuple[Facility, ...]
    settlements: tuple[Settlement, ...]
    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    records: tuple[Any, ...] = Field((), description="each a tocsin.region.records.Extreme")
    layers: tuple[Any, ...] = Field((), description="each a tocsin.region.layer_files.LayerRead")
    impacts: Any = Field(None, description="tocsin.region.impact_files.Impacts: curves, matrices")
    folder: Path
    digest: str = Field(description="SHA-256 over the files of the folder that were read")

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which pages show times."""
        return ZoneInfo(self.time_zone)
