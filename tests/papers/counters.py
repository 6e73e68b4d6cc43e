"""Whether the vote counters of papers are what their votes say."""

from django.db.models import Count, Q

from papers.models import Paper


def drift() -> list[Paper]:
    """Papers whose counters are not what their votes say."""
    counted = Paper.objects.annotate(
        standing=Count("upvote_set", filter=Q(upvote_set__voided_at=None)),
        counting=Count("upvote_set", filter=Q(upvote_set__voided_at=None, upvote_set__ranked=True)),
    )
    return [p for p in counted if (p.votes, p.ranked_votes) != (p.standing, p.counting)]
