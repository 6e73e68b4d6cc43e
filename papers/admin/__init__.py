"""The curators' desk: what stands on the pages, what we poll, and what was done about it."""

from papers.admin import papers, sources, topics

__all__ = ["papers", "sources", "topics"]
