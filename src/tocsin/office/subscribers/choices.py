"""What can be chosen on the pages: areas as a tree, towns, hazards, levels, languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, get_language_info

from tocsin.office.places.models import Area, Region, Settlement
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import LEVELS, say

from .links import page_language

__all__ = ["Node", "area_names", "area_tree", "hazards", "languages", "levels", "towns"]

MOST_TOWNS = 500


@dataclass(slots=True)
class Node:
    """An area with the areas inside it."""

    code: str
    name: str
    is_chosen: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def has_chosen(self) -> bool:
        """Whether an area inside is chosen, so that the page shows it opened."""
        return any(child.is_chosen or child.has_chosen for child in self.children)


def area_tree(chosen: frozenset[str] = frozenset()) -> list[Node]:
    """Return the outermost areas with those inside, named in the language of the page."""
    roots: list[Node] = []
    stack: list[tuple[str, Node]] = []
    rows: Any = Area.objects.order_by("path").values_list("path", "code", "names")
    for path, code, names in rows:
        node = Node(code, _said(names) or code, code in chosen)
        while stack and not path.startswith(stack[-1][0]):
            stack.pop()
        (stack[-1][1].children if stack else roots).append(node)
        stack.append((path, node))
    return roots


def area_names() -> dict[str, str]:
    """Return every area's name in the language of the page."""
    return {code: _said(names) for code, names in Area.objects.values_list("code", "names")}


def towns() -> list[tuple[str, str]]:
    """Return code and name of the largest settlements, by name."""
    rows = Settlement.objects.order_by("-population", "code").values_list(
        "code", "names", "area__names"
    )
    found = [
        (code, f"{_said(names)} ({_said(area)})" if area else _said(names))
        for code, names, area in rows[:MOST_TOWNS]
    ]
    return sorted(found, key=lambda row: row[1])


def hazards() -> list[str]:
    """Return the hazards this region has rules for."""
    found = RuleVersion.objects.values_list("hazard", flat=True).order_by("hazard").distinct()
    return list(found)


def levels() -> list[int]:
    """Return the levels, lowest first."""
    return [int(level) for level in LEVELS]


def languages(region: Region) -> list[tuple[str, str]]:
    """Return the region's languages, each by its own name."""
    return [(tag, _own_name(tag)) for tag in region.languages]


def _own_name(tag: str) -> str:
    known = dict(settings.LANGUAGES)
    code = page_language(tag)
    if code in known and code == tag.lower():
        return str(get_language_info(code)["name_local"])
    return tag


def _said(names: Any) -> str:
    return say(names, get_language() or "en") if names else ""
