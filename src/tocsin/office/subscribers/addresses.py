"""Is it an address at all? Checked before it is sealed; a refusal does not quote it."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from tocsin.errors import AddressRefusedError, StateError
from tocsin.net.guard import Allowed, check_address

__all__ = ["checked"]

MOST_CHARACTERS = 2_000
_email = EmailValidator()


def checked(channel: str, text: str) -> str:
    """Return an address in the form in which it is kept.

    Raises
    ------
    StateError
        It is none; the sentence names what is expected and leaves out what was given.
    """
    text = text.strip()
    if len(text) > MOST_CHARACTERS:
        raise StateError(_("That is longer than any address."))
    try:
        return _CHECKS[channel](text)
    except KeyError:
        raise StateError(_("Warnings are not sent that way here.")) from None


def _e_mail(text: str) -> str:
    try:
        _email(text)
    except ValidationError:
        raise StateError(_("An e-mail address looks like name@example.org.")) from None
    name, _at, host = text.rpartition("@")
    return f"{name}@{host.lower()}"


def _phone(text: str) -> str:
    digits = re.sub(r"[\s().-]", "", text)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise StateError(_("A phone number begins with + and the country: +1 212 555 0100."))
    return digits


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        raise StateError(_("A webhook is a URL without a password: https://example.org/hook."))
    try:
        check_address(text, allow=Allowed.from_environment())  # names are judged when called
    except AddressRefusedError:
        raise StateError(
            _(
                "This address is not called: it lies inside, or is disguised. If it is meant, "
                "whoever runs the office names its host in TOCSIN_ALLOW_TARGETS."
            )
        ) from None
    return text


def _browser(text: str) -> str:
    """Return a browser's push subscription: an https endpoint and two keys, nothing else."""
    wrong = StateError(_("This is not what a browser gives for notifications."))
    try:
        read = json.loads(text)
        endpoint, keys = read["endpoint"], read["keys"]
        kept = {"endpoint": endpoint, "keys": {"p256dh": keys["p256dh"], "auth": keys["auth"]}}
    except (ValueError, KeyError, TypeError):
        raise wrong from None
    words = [endpoint, *kept["keys"].values()]
    if not all(isinstance(one, str) for one in words) or urlsplit(endpoint).scheme != "https":
        raise wrong
    if not all(re.fullmatch(r"[\w-]{16,128}=*", one) for one in words[1:]):
        raise wrong
    return json.dumps(kept)


_CHECKS = {"email": _e_mail, "sms": _phone, "webhook": _endpoint, "web_push": _browser}
