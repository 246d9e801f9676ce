"""Messages that cannot be expanded to their subscribers, and when each is tried again."""

from __future__ import annotations

__all__ = ["WAITS_S", "Stuck"]

WAITS_S = (60.0, 3600.0)
"""The first wait, and the longest: each failure doubles it."""


class Stuck:
    """How often each message failed in this process, and until when it is passed over."""

    def __init__(self) -> None:
        self._tries: dict[int, int] = {}
        self._till: dict[int, float] = {}

    def passing_over(self, now: float) -> list[int]:
        """Return the keys of the messages that are not tried at ``now``, in seconds."""
        return [key for key, till in self._till.items() if now < till]

    def failed(self, key: int, now: float) -> tuple[float, bool]:
        """Note a failure; return how many seconds to wait, and whether it is the first one."""
        tries = self._tries.get(key, 0)
        self._tries[key] = tries + 1
        wait_s = min(WAITS_S[0] * 2 ** min(tries, 16), WAITS_S[1])
        self._till[key] = now + wait_s
        return wait_s, tries == 0
