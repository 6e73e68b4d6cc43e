"""What is suggested to a reader, and why: for the page *For you*, its feed and the digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, Subquery

from accounts.models import User
from interests.examples import CHOSEN, SAVED, UPVOTED
from interests.models import Interest, InterestPaper
from interests.ranking import rank
from library.models import Save
from papers.models import Paper, Upvote
from papers.models.paper_queries import PaperQuerySet

PERIOD = timedelta(days=7)  # up to the newest day with papers
WHAT_YOU_DID = {SAVED: "which you saved", UPVOTED: "which you upvoted", CHOSEN: "which you chose"}


@dataclass(frozen=True)
class Suggestion:
    """A paper, the interest that found it, and why."""

    paper: Paper
    interest: Interest
    examples: list[tuple[Paper, str]]  # that it is like, and what the reader did with each
    words: list[str]

    @property
    def same_deed(self) -> bool:
        """Whether the reader did the same with all examples."""
        return len({deed for _, deed in self.examples}) == 1

    @property
    def reason(self) -> str:
        """As plain text: Like “A” and “B”, which you saved; words: kv cache."""
        parts = [f"Like {self._examples_in_words()}"] if self.examples else []
        parts += [f"words: {', '.join(self.words)}"] if self.words else []
        return "; ".join(parts)

    def _examples_in_words(self) -> str:
        if self.same_deed:
            titles = " and ".join(f"“{paper.title_text}”" for paper, _ in self.examples)
            return f"{titles}, {self.examples[0][1]}"
        return ", and ".join(f"“{paper.title_text}”, {deed}" for paper, deed in self.examples)


def suggest(
    interests: Sequence[Interest], papers: PaperQuerySet, rows: PaperQuerySet, limit: int
) -> list[Suggestion]:
    """The best of `papers` for any of these interests, from `Interest.objects.for_ranking()`.

    `rows` says what is read of them and of the examples, such as `Paper.objects.for_rows()`.
    """
    matches = rank(interests, papers, limit)
    keys = {match.paper for match in matches}
    keys |= {key for match in matches for key, _ in match.like}
    found = rows.visible().in_bulk(keys)
    return [
        Suggestion(
            found[match.paper],
            match.interest,
            [(found[key], WHAT_YOU_DID[why]) for key, why in match.like if key in found],
            match.words,
        )
        for match in matches
        if match.paper in found
    ]


def suggest_to(reader: User, papers: PaperQuerySet, limit: int) -> list[Suggestion]:
    """The best of these papers for a reader, in three queries; none where they have no interest."""
    interests = list(Interest.objects.of_reader(reader).for_ranking())
    return suggest(interests, unknown_to(reader, papers), Paper.objects.for_rows(), limit)


def newest_papers() -> PaperQuerySet:
    """Those on the pages of the last days, up to the newest day that has papers."""
    listed = Paper.objects.listed().order_by()
    newest_day = listed.values("hidden_at").annotate(day=Max("listed_on")).values("day")
    return listed.filter(listed_on__gt=Subquery(newest_day) - PERIOD)


def unknown_to(reader: User, papers: PaperQuerySet) -> PaperQuerySet:
    """Without what the reader has saved, upvoted or decided on for an interest."""
    this = OuterRef("pk")
    return papers.exclude(
        Exists(Save.objects.filter(reader=reader, paper=this))
        | Exists(Upvote.objects.active().filter(user=reader, paper=this))
        | Exists(InterestPaper.objects.filter(interest__reader=reader, paper=this))
    )
