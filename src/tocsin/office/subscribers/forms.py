"""The forms of subscribing: read, checked, and handed on as a wish."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.office.places.models import Area, Region, Settlement

from . import choices
from .models import AreaChoice, Subscription
from .services.wishes import Wish

__all__ = ["AskForm", "ChoicesForm", "OrganisationForm", "choices_of"]

CHANNEL_WORDS = {
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("Text message"),
    "web_push": gettext_lazy("Notification in this browser"),
    "webhook": gettext_lazy("Webhook"),
}


class ChoicesForm(forms.Form):
    """Where, what, from which level on, in which language."""

    areas = forms.MultipleChoiceField(required=False)
    town = forms.ChoiceField(required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    lon = forms.FloatField(min_value=-180, max_value=180, required=False)
    hazards = forms.MultipleChoiceField(required=False)
    min_level = forms.TypedChoiceField(coerce=int)
    language = forms.ChoiceField()

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [AreaChoice.EVERYWHERE, *Area.objects.values_list("code", flat=True)]
        self._choice("areas").choices = [(code, code) for code in codes]
        self._choice("town").choices = [("", ""), *choices.towns()]
        self._choice("hazards").choices = [(one, one) for one in choices.hazards()]
        self._choice("min_level").choices = [(level, level) for level in choices.levels()]
        self._choice("language").choices = choices.languages(region)

    def _choice(self, name: str) -> forms.ChoiceField:
        return cast(forms.ChoiceField, self.fields[name])

    def clean(self) -> dict[str, Any]:
        """Find that something was chosen, and both numbers of a place."""
        found = super().clean() or {}
        lat, lon = found.get("lat"), found.get("lon")
        if (lat is None) != (lon is None):
            self.add_error("lat", _("A place takes both latitude and longitude."))
        named = self.errors.keys() & {"areas", "town", "lat", "lon"}
        if not named and not (found.get("areas") or found.get("town") or lat is not None):
            self.add_error("areas", _("Choose an area or a place, so that we know what to send."))
        return found

    def wish(self) -> Wish:
        """Return what was asked for; a place near a town is the town's own point."""
        found = self.cleaned_data
        place = None if found["lat"] is None else (found["lon"], found["lat"])
        if place is None and found["town"]:
            place = Settlement.objects.values_list("lon", "lat").get(code=found["town"])
        return Wish(
            language=found["language"],
            min_level=found["min_level"],
            hazards=tuple(found["hazards"]),
            area_codes=tuple(found["areas"]),
            place=place,
        )

    def chosen(self) -> dict[str, Any]:
        """Return for the template what is ticked, and what there is to tick."""
        values = {name: self[name].value() for name in ("hazards", "min_level", "language")}
        areas = frozenset(self["areas"].value() or ())
        return {
            "tree": choices.area_tree(areas),
            "is_everywhere": AreaChoice.EVERYWHERE in areas,
            "towns": choices.towns(),
            "hazards": choices.hazards(),
            "levels": choices.levels(),
            "languages": self._choice("language").choices,
            "chosen_hazards": values["hazards"] or [],
            "chosen_level": int(values["min_level"] or 2),
            "chosen_language": values["language"],
        }


class AskForm(ChoicesForm):
    """A resident's wish with an address. ``website`` is a trap: people do not see it."""

    channel = forms.ChoiceField()
    address = forms.CharField(max_length=2000)
    consent = forms.BooleanField()
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, region: Region, channels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, region=region, **kwargs)
        self._choice("channel").choices = [(name, CHANNEL_WORDS[name]) for name in channels]
        self.fields["address"].error_messages["required"] = _("Where shall we send them?")
        self.fields["consent"].error_messages["required"] = _(
            "Without your consent we may not keep your address, and send nothing."
        )

    @property
    def channels(self) -> list[Any]:
        """The channels on offer, as name and words."""
        return list(cast(Any, self._choice("channel").choices))

    @property
    def is_trapped(self) -> bool:
        """Whether a program filled in what people do not see."""
        return bool(self.data.get("website"))


class OrganisationForm(ChoicesForm):
    """An organisation or a post, entered by a duty officer."""

    kind = forms.ChoiceField(
        choices=[
            (Subscription.ORGANISATION, gettext_lazy("Organisation")),
            (Subscription.POST, gettext_lazy("Post")),
        ]
    )
    name = forms.CharField(max_length=120)
    channel = forms.ChoiceField()
    address = forms.CharField(max_length=2000)

    def __init__(self, *args: Any, region: Region, channels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, region=region, **kwargs)
        self._choice("channel").choices = [(name, CHANNEL_WORDS[name]) for name in channels]


def choices_of(row: Subscription) -> dict[str, Any]:
    """Return a subscription's choices as a form begins with them; a place as its cell's middle."""
    return {
        "areas": list(row.areas.values_list("area_code", flat=True)),
        "lat": row.place.lat if row.place else None,
        "lon": row.place.lon if row.place else None,
        "hazards": list(row.hazard_list),
        "min_level": row.min_level,
        "language": row.language,
    }
