"""The tables of following, one file for each noun, with its queries."""

from following.models.follow import Follow
from following.models.mute import Mute
from following.models.private_feed import PrivateFeed

__all__ = ["Follow", "Mute", "PrivateFeed"]
