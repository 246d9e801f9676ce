"""Rivers, landslides, earthquakes, roads and outbreaks in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_RAIN = "lwe_thickness_of_precipitation_amount"
_CRASHES = {
    "observed": ("number_of_crashes", "1"),
    "predicted": ("number_of_crashes_predicted", "1"),
    "overdispersion": ("overdispersion", "1"),
}

_CRASH_DOMAIN = {
    "observed": (0.0, math.inf),
    "predicted": (0.0, math.inf),
    "overdispersion": (0.0, math.inf),
}

_EARS_GAPS = {"C1": Gaps("window", 8), "C2": Gaps("baseline", 7), "C3": Gaps("window", 12)}


def _landslide(threshold: str, author: str, chinese: str) -> Indicator:
    return Indicator(
        id=f"landslide_{threshold}",
        family="landslide",
        names={
            "en": f"Rain over the landslide threshold of {author}",
            "zh-Hans": f"滑坡雨强—历时阈值比（{chinese}）",
        },
        path="tocsin.indicators.landslide.intensity_duration:landslide_rain_ratio",
        takes={"amount": (_RAIN, "mm")},
        unit="1",
        cadence="hourly-sum",
        window_h=72,
        options={"threshold": threshold},
        source=author,
        gaps=Gaps("durations", 72),
        status="regression only",
        caution={
            "en": "The range of durations for which the curve was drawn is NOT VERIFIED.",
            "zh-Hans": "该曲线适用的历时范围未经核实。",
        },
        domain={"amount": (0.0, math.inf)},
        decimals=2,
    )


def _ears(method: str) -> Indicator:
    return Indicator(
        id=f"ears_{method.lower()}",
        family="outbreak",
        names={
            "en": f"Outbreak alarm EARS {method}",
            "zh-Hans": f"聚集性疫情预警（EARS {method}）",
        },
        path="tocsin.indicators.outbreak.ears:ears",
        takes={"counts": ("number_of_cases", "1")},
        unit="1",
        cadence="daily",
        output="alarm",
        options={"method": method},
        source="Hutwagner et al. (2003)",
        gaps=_EARS_GAPS[method],
        status="regression only",
        domain={"counts": (0.0, math.inf)},
        decimals=0,
    )


ENTRIES = (
    Indicator(
        id="flood_category",
        family="flood",
        names={"en": "Flood category of a gauge", "zh-Hans": "测站洪水等级"},
        path="tocsin.indicators.flood.stage:flood_category",
        takes={"stage": ("water_surface_height_above_reference_datum", "m")},
        unit="1",
        needs=("action", "minor", "moderate", "major"),
        source="US National Weather Service categories; the gauge's own stages",
        gaps=ROW,
        status="unverified",
        decimals=0,
    ),
    Indicator(
        id="stage_rise_3h",
        family="flood",
        names={"en": "Rise of the river in 3 h", "zh-Hans": "3小时水位涨率"},
        path="tocsin.indicators.flood.stage:stage_rise",
        takes={"stage": ("water_surface_height_above_reference_datum", "m")},
        unit="m/h",
        cadence="hourly",
        window_h=3,
        options={"hours": 3},
        source="Difference over 3 h",
        gaps=Gaps("ends", 4),
        status="unverified",
        decimals=2,
    ),
    _landslide("caine_1980", "Caine (1980)", "Caine，1980"),
    _landslide("aleotti_2004", "Aleotti (2004)", "Aleotti，2004"),
    Indicator(
        id="landslide_rain_index",
        family="landslide",
        names={"en": "Rain index of seven days", "zh-Hans": "七日前期雨量指数"},
        symbol="ARI7",
        path="tocsin.indicators.landslide.lhasa:antecedent_rain_index",
        takes={"rain": (_RAIN, "mm")},
        unit="mm",
        cadence="daily",
        window_h=168,
        source="Kirschbaum and Stanley (2018), LHASA 1.1.1",
        gaps=Gaps("window", 7),
        status="regression only",
        domain={"rain": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="landslide_nowcast",
        family="landslide",
        names={"en": "Landslide nowcast", "zh-Hans": "滑坡临近预警等级"},
        symbol="LHASA",
        path="tocsin.indicators.landslide.lhasa:landslide_nowcast",
        takes={
            "rain_index": ("landslide_rain_index", "mm"),
            "local_95th_percentile": ("landslide_rain_index (95th percentile)", "mm"),
            "susceptibility": ("landslide_susceptibility_class", "1"),
        },
        unit="1",
        source="Kirschbaum and Stanley (2018), LHASA 1.1.1",
        gaps=ROW,
        status="regression only",
        domain={
            "rain_index": (0.0, math.inf),
            "local_95th_percentile": (0.0, math.inf),
            "susceptibility": (1.0, 5.0),
        },
        decimals=0,
    ),
    *(_ears(method) for method in ("C1", "C2", "C3")),
    Indicator(
        id="farrington",
        family="outbreak",
        names={"en": "Outbreak alarm, Farrington", "zh-Hans": "聚集性疫情预警（Farrington）"},
        path="tocsin.indicators.outbreak.farrington:farrington",
        takes={"counts": ("number_of_cases", "1")},
        unit="1",
        cadence="weekly",
        output="alarm",
        source="Farrington et al. (1996)",
        gaps=Gaps("half"),
        status="unverified",
        domain={"counts": (0.0, math.inf)},
        decimals=0,
    ),
    Indicator(
        id="earthquake_intensity",
        family="earthquake",
        names={"en": "Earthquake intensity", "zh-Hans": "地震烈度（MMI）"},
        symbol="MMI",
        path="tocsin.indicators.earthquake.allen_2012:earthquake_intensity",
        takes={
            "magnitude": ("moment_magnitude", "1"),
            "hypocentral_distance": ("hypocentral_distance", "km"),
        },
        unit="1",
        cadence="event",
        source="Allen, Wald and Worden (2012)",
        gaps=ROW,
        status="validated",
        domain={"magnitude": (5.0, 7.9), "hypocentral_distance": (0.0, 300.0)},
        decimals=1,
    ),
    Indicator(
        id="expected_crashes",
        family="roads",
        names={"en": "Expected crashes", "zh-Hans": "期望事故数"},
        path="tocsin.indicators.roads.expected_crashes:expected_crashes",
        takes=_CRASHES,
        unit="1",
        cadence="sample",
        source="Highway Safety Manual (2010), part C, A.2",
        gaps=ROW,
        status="regression only",
        domain=_CRASH_DOMAIN,
        decimals=1,
    ),
    Indicator(
        id="crash_excess",
        family="roads",
        names={"en": "Crashes beyond those predicted", "zh-Hans": "超出预测的事故数"},
        path="tocsin.indicators.roads.expected_crashes:crash_excess",
        takes=_CRASHES,
        unit="1",
        cadence="sample",
        source="Highway Safety Manual (2010), part C, A.2",
        gaps=ROW,
        status="regression only",
        domain=_CRASH_DOMAIN,
        decimals=1,
    ),
)
