"""The curation panel for papers, topics, votes and sources."""

from papers.admin import papers, reports, sources, submissions, topics, votes

__all__ = ["papers", "reports", "sources", "submissions", "topics", "votes"]
