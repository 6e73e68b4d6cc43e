"""The tables of profiles, one file for each noun, with its queries."""

from profiles.models.claim import Claim

__all__ = ["Claim"]
