"""Celery tasks of papers: polls, backfills, look-ups, votes, embeddings, and what is learned."""

from celery import shared_task
from django.utils import timezone

from papers import expected_votes, ring_search, topics_by_meaning
from papers.ingest import arxiv_limiter, backfill, polling, retag, samples
from papers.models import Backfill, EmptySearch, Poll, RecordLookup, Source, Submission, Upvote
from papers.pictures import queue as picture_queue
from papers.pictures import storage as picture_storage
from papers.search import embed_queue, learn_words, word_counts
from papers.submissions import lookup


@shared_task
def sweep() -> None:
    """Queue a task for every row that is due; this also recovers tasks that a broker lost."""
    for source in Source.objects.due(timezone.now()):
        poll_source.delay(source.pk)
    for due in Backfill.objects.due(timezone.now()):
        run_backfill.delay(due.pk)
    for row in RecordLookup.objects.due(timezone.now()):
        look_up.delay(row.pk)
    Submission.objects.settle(timezone.now())
    Upvote.objects.start_ranking(timezone.now())
    samples.remove_if_outdated()
    if embed_queue.has_work(timezone.now()):
        embed.delay()
    if learn_words.has_work(timezone.now()):
        train_word_table.delay()
    if expected_votes.has_work(timezone.now()):
        update_expected_votes.delay()
    if word_counts.has_work(timezone.now()):
        count_search_words.delay()
    if ring_search.has_work(timezone.now()):
        find_vote_rings.delay()
    if topics_by_meaning.has_work(timezone.now()):
        find_topics.delay()
    if retag.has_work():
        retag_papers.delay()
    if picture_queue.has_work(timezone.now()):
        fetch_pictures.delay()


@shared_task
def find_gaps() -> None:
    """Fetch announcements that a feed missed through OAI-PMH; delete what nobody needs."""
    for gap in backfill.find_gaps(timezone.now()):
        run_backfill.delay(gap.pk)
    Poll.objects.delete_old(timezone.now())
    RecordLookup.objects.delete_old(timezone.now())
    EmptySearch.objects.delete_old(timezone.localdate())
    picture_storage.match_files_with_rows(timezone.now())


@shared_task
def run_backfill(backfill_id: int) -> None:
    """Fetch one day, then queue the next request to arXiv: polls that are due go first."""
    row = Backfill.objects.due(timezone.now()).filter(pk=backfill_id).first()
    if row and backfill.run(row, days=1):
        embed.delay()
        samples.remove_if_outdated()
        queue_next_arxiv_request()


@shared_task(soft_time_limit=120, time_limit=150)
def poll_source(source_id: int) -> None:
    source = Source.objects.get(pk=source_id)
    poll = polling.poll(source, timezone.now())
    if poll and (poll.new or poll.updated):
        embed.delay()
        samples.remove_if_outdated()
    if poll and arxiv_limiter.counts(source.request_url):
        queue_next_arxiv_request()


@shared_task(soft_time_limit=60, time_limit=90)
def look_up(lookup_id: int) -> None:
    if row := RecordLookup.objects.due(timezone.now()).filter(pk=lookup_id).first():
        lookup.look_up(row, timezone.now())
        if row.scheme == "arxiv":
            queue_next_arxiv_request()


def queue_next_arxiv_request() -> None:
    """Queue what stayed due while arXiv's hosts were in use.

    First what a reader waits for, then a poll, and where none is due a backfill.
    """
    if row := RecordLookup.objects.due(timezone.now()).filter(scheme="arxiv").first():
        look_up.delay(row.pk)
        return
    for source in Source.objects.due(timezone.now()).order_by("next_poll_at"):
        if arxiv_limiter.counts(source.request_url):
            poll_source.delay(source.pk)
            return
    if due := Backfill.objects.due(timezone.now()).order_by("pk").first():
        run_backfill.delay(due.pk)


@shared_task
def embed() -> None:
    embed_queue.embed_waiting()
    if expected_votes.has_work(timezone.now()):
        update_expected_votes.delay()
    if topics_by_meaning.has_work(timezone.now()):
        find_topics.delay()


@shared_task(soft_time_limit=540, time_limit=570)  # less than a lease
def train_word_table() -> None:
    """Train it on the papers of this site, which have doubled; if it is kept, embed them anew."""
    if learn_words.has_work(timezone.now()):
        training = learn_words.run(timezone.now())
        if training and training.is_kept:
            embed.delay()


@shared_task
def update_expected_votes() -> None:
    """Train the model each night, and score papers that are new."""
    expected_votes.run(timezone.now())


@shared_task
def count_search_words() -> None:
    """Each night, for suggestions of other spellings."""
    word_counts.run(timezone.now())


@shared_task
def find_vote_rings() -> None:
    """Each night, for a curator to decide on; also checks the counters of votes."""
    ring_search.run(timezone.now())


@shared_task
def find_topics() -> None:
    """Train the model of topics when it is due, and give papers without categories theirs."""
    topics_by_meaning.run(timezone.now())


@shared_task
def retag_papers() -> None:
    """Give the papers of the past the topics of rules that were changed."""
    retag.run()


@shared_task
def fetch_pictures() -> None:
    picture_queue.fetch_waiting()
    queue_next_arxiv_request()  # it may have found arXiv's hosts in use
