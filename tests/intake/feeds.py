"""A feed over a text written into a temporary file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.intake import Feed


@dataclass(frozen=True)
class Named:
    """All that intake wants of a station."""

    id: str


STATIONS = (Named("EST"), Named("WST"))

HEADER = "place,at,t,wind,rain\n"


def make_feed(folder: Path, text: str | bytes, **options: Any) -> Feed:
    """Write the text as the feed's file; ``options`` override those of the reader."""
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "values.csv").write_bytes(content)
    settings: dict[str, Any] = {
        "station_column": "place",
        "time_column": "at",
        "time_label": "start",
        "columns": {
            "t": {"quantity": "air_temperature", "unit": "degF"},
            "wind": {"quantity": "wind_speed", "unit": "km/h"},
            "rain": {"quantity": "lwe_thickness_of_precipitation_amount", "unit": "inch"},
        },
    }
    return Feed(
        id="stations",
        reader="hourly-station-csv",
        path="values.csv",
        delay_min=10,
        source="Made up for tests",
        licence="CC0-1.0",
        options=settings | options,
        folder=folder,
    )
