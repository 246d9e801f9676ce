"""Changing the keys that contacts are sealed with, while the office goes on."""

from __future__ import annotations

from django.db import transaction

from ..contacts import add_key, drop_old_keys, reseal
from ..models import Subscription

__all__ = ["finish_rotation", "rotate"]

AT_ONCE = 500


def rotate() -> int:
    """Put a new key in front and seal every contact with it; return how many were.

    Keys in the environment are the operator's to change: then only the sealing is done, with the
    first of them. The old keys stay until :func:`finish_rotation`, for what another process sealed
    in the same moment.
    """
    add_key()
    return _seal_all()


def finish_rotation() -> int:
    """Seal what is left under an old key, then forget the old keys; return how many were left."""
    left = _seal_all()
    drop_old_keys()
    return left


def _seal_all() -> int:
    count, after = 0, 0
    while keys := list(
        Subscription.objects.filter(pk__gt=after)
        .exclude(address=b"")
        .order_by("pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    ):
        with transaction.atomic():
            for row in Subscription.objects.select_for_update().filter(pk__in=keys):
                address, secret = reseal(row.address), reseal(row.secret)
                if (address, secret) != (bytes(row.address), bytes(row.secret)):
                    row.address, row.secret = address, secret
                    row.save(update_fields=["address", "secret"])
                    count += 1
        after = keys[-1]
    return count
