"""What a ``[[layer]]`` of region.toml says: a file of what is exposed, and where it is from."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.exposure import Grade
from tocsin.triggers.rules import Text

__all__ = ["LayerFile"]

ENDINGS = {
    "points": (".csv", ".geojson", ".json"),
    "lines": (".geojson", ".json"),
    "surfaces": (".geojson", ".json"),
    "raster": (".asc", ".nc"),
}


class LayerFile(BaseModel):
    """One layer of exposure. Places are WGS84 degrees, longitude before latitude in GeoJSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z][a-z-]*$", max_length=40, description="households, roads")
    kind: Literal["points", "lines", "surfaces", "raster"]
    file: str = Field(min_length=1, description="seen from the region folder")
    title: Text | None = Field(None, description="the word on pages, in every language")
    amount: str | None = Field(
        None, min_length=1, description="the column, property or variable with how much is there"
    )
    unit: str = Field("", max_length=40, description="of the amount: person, household")
    kinds: str | None = Field(
        None, min_length=1, description="points: the column or property with the kind of each"
    )
    source: str = Field(min_length=1, description="publication, table, by way of whom")
    date: datetime.date | None = Field(None, description="of which day the numbers are")
    grade: Grade = "counted"
    complete_in: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description='codes of the areas of which the file has all; ["*"] for everywhere'
    )
    missing_is_zero: bool = Field(
        False, description="raster: a cell without a number has nobody, as some sources mean it"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.file.lower().endswith(ENDINGS[self.kind]):
            wanted = " or ".join(ENDINGS[self.kind])
            raise ValueError(
                f"the file {self.file} holds no {self.kind}: give one that ends in {wanted}"
            )
        if self.kinds is not None and self.kind != "points":
            raise ValueError("kinds is for points: take it out, or write kind = points")
        if self.kind == "lines" and self.amount is not None:
            raise ValueError("amount is not for lines: they are measured in km, take it out")
        if self.missing_is_zero and self.kind != "raster":
            raise ValueError("missing_is_zero is for rasters: take it out")
        if (self.kind == "raster" or self.amount) and not self.unit:
            raise ValueError("unit is missing: say what the amount counts, person or household")
        return self
