"""The tables of interests, one file for each noun, with its queries."""

from interests.models.background import StoredBackground
from interests.models.interest import Interest
from interests.models.interest_paper import InterestPaper

__all__ = ["Interest", "InterestPaper", "StoredBackground"]
