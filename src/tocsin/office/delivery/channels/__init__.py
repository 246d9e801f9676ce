"""The channels: each a folder here with a class that is a :class:`Channel`, found by itself.

To add one, see docs/guide/add-a-channel.md.
"""

from .protocol import Channel, ChannelSettings
from .registry import KINDS

__all__ = ["KINDS", "Channel", "ChannelSettings"]
