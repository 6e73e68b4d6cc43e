"""The curation panel for papers, topics, votes and sources."""

from papers.admin import papers, sources, submissions, topics, votes

__all__ = ["papers", "sources", "submissions", "topics", "votes"]
