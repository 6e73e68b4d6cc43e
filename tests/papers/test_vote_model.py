"""The model learns what made papers popular, from the past alone, and says what each part adds."""

from datetime import date, timedelta

import numpy as np
import pytest

from papers import vote_model
from papers.vote_model import Candidate

MONDAY = date(2025, 3, 3)
# Two kinds of papers by their vectors; the first gets the votes.
POPULAR, PLAIN = np.eye(4, dtype=np.float32)[:2]


def a_past(days: int = 60) -> tuple[list[Candidate], np.ndarray]:
    """Six papers a day: popular content, a popular author, code, and three of none of these."""
    papers, vectors = [], []
    for number in range(days):
        day = MONDAY + timedelta(days=number)
        papers += [
            Candidate(day, ["new a"], votes=20),
            Candidate(day, ["ada quill"], votes=20),
            Candidate(day, ["new b"], has_code=True, votes=20),
            *(Candidate(day, [f"author {number} {at}"], votes=at) for at in range(3)),
        ]
        vectors += [POPULAR, *[PLAIN] * 5]
    return papers, np.array(vectors)


@pytest.fixture(scope="module")
def trained():
    papers, vectors = a_past()
    rows = vote_model.features(papers, vectors, past=papers)
    return vote_model.train(rows, vote_model.vote_ratios(papers)), papers


def test_parts_name_what_a_paper_is_expected_for_and_add_up(trained):
    model, past = trained
    day = MONDAY + timedelta(days=70)
    papers = [
        Candidate(day, ["nobody"]),
        Candidate(day, ["nobody"]),
        Candidate(day, ["ada quill"]),
        Candidate(day, ["nobody"], has_code=True),
    ]
    rows = vote_model.features(papers, np.array([PLAIN, POPULAR, PLAIN, PLAIN]), past)

    plain, content, author, code = model.parts(rows)

    assert content["content"] > plain["content"] + 0.5
    assert author["authors"] > plain["authors"] + 0.5
    assert code["code"] > plain["code"] + 0.5
    assert list(plain) == ["content", *vote_model.PARTS]
    assert sum(author.values()) == pytest.approx(model.ratios(rows)[2], abs=1e-5)
    assert vote_model.expected_votes(plain) < 1 < vote_model.expected_votes(author)


def test_votes_of_the_last_week_and_of_the_future_teach_nothing_about_a_paper():
    day = MONDAY + timedelta(days=30)
    papers = [Candidate(MONDAY, ["ada quill"], votes=30), Candidate(MONDAY, ["ben marsh"])]
    recent = day - vote_model.SETTLING_DAYS + timedelta(days=1)
    late = [
        Candidate(late, ["ben marsh"], votes=30) for late in (recent, day, day.replace(year=2026))
    ]
    late += [Candidate(paper.day, ["ada quill"]) for paper in late]
    paper = Candidate(day, ["ada quill"])

    before = vote_model.PastRatios(papers).features(paper)
    after = vote_model.PastRatios(papers + late).features(paper)

    assert before == after
    assert before[0] > 0
    # A year later they count.
    next_year = Candidate(day.replace(year=2027), ["ada quill"])
    assert vote_model.PastRatios(papers + late).features(next_year)[0] < before[0]


def test_busy_and_quiet_days_teach_the_same():
    busy = [Candidate(MONDAY, [], votes=votes) for votes in (99, 9)]
    quiet = [Candidate(MONDAY + timedelta(days=1), [], votes=votes) for votes in (9, 0)]

    ratios = vote_model.vote_ratios(busy + quiet)

    assert ratios == pytest.approx([np.log(10) / 2, -np.log(10) / 2] * 2)
    assert len(vote_model.vote_ratios([])) == 0


@pytest.mark.parametrize(("ratio", "votes"), [(0, 1), (0.5, 1.5), (-5, 0.1), (50, 4)])
def test_expected_votes_are_few(ratio: float, votes: float):
    assert vote_model.expected_votes({"content": ratio}) == pytest.approx(votes)


def test_accuracy_is_judged_on_the_newest_papers():
    papers, vectors = a_past()
    rows = vote_model.features(papers, vectors, past=papers)
    noise = [Candidate(paper.day, paper.authors) for paper in papers]

    assert vote_model.held_out_accuracy(papers, rows) > 0.7
    assert vote_model.held_out_accuracy(noise, rows) == 0.5
    assert vote_model.held_out_accuracy(papers[:6], rows[:6]) == 0.5
