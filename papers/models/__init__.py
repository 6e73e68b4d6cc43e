"""The tables of papers, one file for each noun, with its queries."""

from papers.models.alias import Alias, Tombstone
from papers.models.arxiv_rate_limit import Turn
from papers.models.backfill import Backfill
from papers.models.curator_action import CuratorAction
from papers.models.embedding import EmbeddingJob, EmbeddingModel, PaperEmbedding
from papers.models.empty_search import EmptySearch
from papers.models.feed_id_prefix import FeedIdPrefix
from papers.models.learned_table import LearnedTable, WordTraining
from papers.models.paper import Paper
from papers.models.picture import Picture
from papers.models.poll import Poll
from papers.models.record_lookup import RecordLookup
from papers.models.report import Report
from papers.models.retagging import Retagging
from papers.models.scheduled_run import ScheduledRun
from papers.models.search import PaperSearch
from papers.models.search_word import SearchWord
from papers.models.source import Source
from papers.models.submission import Submission
from papers.models.topic import PaperTopic, Topic
from papers.models.trained_topic_model import TopicJob, TrainedTopicModel
from papers.models.trained_vote_model import TrainedVoteModel
from papers.models.upvote import Upvote
from papers.models.vote_ring import VoteRing

__all__ = [
    "Alias",
    "Backfill",
    "CuratorAction",
    "Paper",
    "EmbeddingJob",
    "EmbeddingModel",
    "EmptySearch",
    "FeedIdPrefix",
    "LearnedTable",
    "PaperEmbedding",
    "PaperSearch",
    "PaperTopic",
    "Picture",
    "Poll",
    "RecordLookup",
    "Report",
    "Retagging",
    "ScheduledRun",
    "SearchWord",
    "Source",
    "Submission",
    "Tombstone",
    "Topic",
    "TopicJob",
    "TrainedTopicModel",
    "TrainedVoteModel",
    "Turn",
    "Upvote",
    "VoteRing",
    "WordTraining",
]
