"""What is stored about papers, one file for each noun."""

from papers.models.embedding import PaperEmbedding
from papers.models.paper import Alias, Paper, Tombstone
from papers.models.search import PaperSearch
from papers.models.source import Backfill, Poll, Source, Turn
from papers.models.topic import PaperTopic, Topic
from papers.models.upvote import Upvote

__all__ = [
    "Alias",
    "Backfill",
    "Paper",
    "PaperEmbedding",
    "PaperSearch",
    "PaperTopic",
    "Poll",
    "Source",
    "Tombstone",
    "Topic",
    "Turn",
    "Upvote",
]
