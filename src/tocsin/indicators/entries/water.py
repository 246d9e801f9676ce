"""Water and soil quality in the catalogue: an entry an item of the standards."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_WATER = {
    "DO": ("Dissolved oxygen", "溶解氧"),
    "CODMn": ("Permanganate index", "高锰酸盐指数"),
    "COD": ("Chemical oxygen demand", "化学需氧量"),
    "BOD5": ("Biochemical oxygen demand", "五日生化需氧量"),
    "NH3-N": ("Ammonia nitrogen", "氨氮"),
    "TP_river": ("Total phosphorus, rivers", "总磷（河流）"),
    "TP_lake": ("Total phosphorus, lakes", "总磷（湖库）"),
    "TN_lake": ("Total nitrogen, lakes", "总氮（湖库）"),
    "Cu": ("Copper", "铜"),
    "Zn": ("Zinc", "锌"),
    "F": ("Fluoride", "氟化物"),
    "Se": ("Selenium", "硒"),
    "As": ("Arsenic", "砷"),
    "Hg": ("Mercury", "汞"),
    "Cd": ("Cadmium", "镉"),
    "Cr6": ("Hexavalent chromium", "六价铬"),
    "Pb": ("Lead", "铅"),
    "CN": ("Cyanide", "氰化物"),
    "volatile_phenol": ("Volatile phenols", "挥发酚"),
    "oil": ("Petroleum", "石油类"),
    "LAS": ("Anionic surfactants", "阴离子表面活性剂"),
    "sulfide": ("Sulfide", "硫化物"),
    "fecal_coliform": ("Faecal coliforms", "粪大肠菌群"),
}

_SOIL = {
    "Cd": ("Cadmium", "镉"),
    "Hg": ("Mercury", "汞"),
    "As": ("Arsenic", "砷"),
    "Pb": ("Lead", "铅"),
    "Cr": ("Chromium", "铬"),
    "Cu": ("Copper", "铜"),
    "Ni": ("Nickel", "镍"),
    "Zn": ("Zinc", "锌"),
}


def _id(item: str) -> str:
    return item.lower().replace("-", "_")


def _water(item: str, english: str, chinese: str) -> Indicator:
    return Indicator(
        id=f"water_class_{_id(item)}",
        family="water",
        names={
            "en": f"Surface water class by {english[0].lower()}{english[1:]}",
            "zh-Hans": f"地表水水质类别（{chinese}）",
        },
        path="tocsin.indicators.water.gb3838:water_class",
        takes={
            "concentration": (
                f"concentration_of_{_id(item)}_in_surface_water",
                "1/L" if item == "fecal_coliform" else "mg/L",
            )
        },
        unit="1",
        cadence="sample",
        options={"item": item},
        source="GB 3838-2002, table 1",
        standard="gb3838",
        gaps=ROW,
        status="regression only",
        domain={"concentration": (0.0, math.inf)},
        decimals=0,
    )


def _soil(metal: str, english: str, chinese: str) -> Indicator:
    return Indicator(
        id=f"soil_risk_{_id(metal)}",
        family="soil",
        names={
            "en": f"Farmland soil risk by {english.lower()}",
            "zh-Hans": f"农用地土壤污染风险（{chinese}）",
        },
        path="tocsin.indicators.soil.gb15618:soil_risk",
        takes={
            "content": (f"mass_fraction_of_{_id(metal)}_in_soil", "mg/kg"),
            "ph": ("soil_ph", "1"),
        },
        unit="1",
        cadence="sample",
        options={"metal": metal},
        needs=("land",),
        source="GB 15618-2018",
        standard="gb15618",
        gaps=ROW,
        status="regression only",
        domain={"content": (0.0, math.inf), "ph": (0.0, 14.0)},
        decimals=0,
    )


ENTRIES = (
    *(_water(item, *names) for item, names in _WATER.items()),
    *(_soil(metal, *names) for metal, names in _SOIL.items()),
)
