"""The seed query, and how well what is found agrees with what a reader or an exact search means."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client

from papers.ingest import bulk_import
from papers.models import EmbeddingJob, Paper, PaperTopic, Topic
from papers.search import embed_queue, embeddings, hybrid, planner, run
from papers.search.tsqueries import TsQueries
from papers.search_query import parse
from tests.conftest import SHARED_DATA

RECORDS = 10_000
NOW = datetime(2026, 2, 2, 6, tzinfo=UTC)

# In other words than the title's own, as somebody would who has read it once.
PARAPHRASES = {
    "speeding up LLM generation by adding several extra decoding heads": "Medusa:",
    "caching features to make diffusion transformers faster": "HarmoniCa",
    "choosing which tokens of the KV cache to keep for very long contexts": "TokenSelect",
    "offloading attention to the storage device to save money": "InstInfer",
    "repeatedly sampling many answers to spend more compute at test time": "Large Language Monkeys",
    "a vocoder that sings with a shallow diffusion process": "DiffSinger",
    "a small YOLO that finds cracks in the pavement of roads": "YOLO9tr",
    "recovering gene networks when single-cell data has dropouts": "Gene Regulatory Network",
    "translating text into first-order logic and calling a theorem prover": "LINC",
    "a survey of Mamba state space models for medical images": "A Comprehensive Survey of Mamba",
    "multilingual GPT for low resource languages": "mGPT",
    "drawing computer aided designs from text or a picture with spatial reasoning": "CAD-GPT",
    "recommending items in a dialogue with pretrained language models": "RecInDial",
    "did somebody steal my model by training on my dataset": "Dataset Inference",
    "telling which GPU and software a language model is served with": "Hardware and Software",
    "making chain of thought shorter or longer at will": "CoT-Valve",
    "LLMs give higher confidence to wrong answers after reasoning": "Multiple Choice Questions",
    "machine unlearning does not keep forbidden knowledge out": "UnUnlearning",
    "making the motion in generated videos more coherent": "VideoJAM",
    "instruction tuning BERT for zero-shot classification": "It's All in The [MASK]",
}


@pytest.fixture(scope="module")
def library(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The seed papers among ten thousand real records, all embedded."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data is not here: {SHARED_DATA}")
    some = tmp_path_factory.mktemp("library") / "some.jsonl"
    with gzip.open(SHARED_DATA / "arxiv_metadata.jsonl.gz") as file:
        some.write_bytes(b"".join(islice(file, 0, None, 25_000 // RECORDS)))
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'paper_embedding'")
            (index,) = cursor.fetchone()
            cursor.execute("DROP INDEX paper_embedding")
            for path in (some, SHARED_DATA / "seed_papers.jsonl"):
                for batch in bulk_import.run(path, now=NOW, listed=False):
                    assert not batch.refused
            embed_queue.embed_waiting(timedelta(seconds=1_000))
            cursor.execute(index)
            cursor.execute("ANALYZE papers_paper, papers_papersearch, papers_paperembedding")
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE papers_paper CASCADE")


@pytest.fixture(autouse=True)
def read_from_it(library: None, db: None) -> None:
    pass


def titles(text: str, **beside: Any) -> list[str]:
    return [paper.title_text for paper in run.search_papers(text, **beside).papers]


def test_all_is_embedded():
    assert Paper.objects.count() >= RECORDS
    assert not EmbeddingJob.objects.exists()


def test_inference_brings_papers_about_inference(client: Client):
    papers = client.get("/search?q=inference").context["found"].papers

    assert len(papers) == 60
    about = [p for p in papers if "infer" in f"{p.title_text} {p.abstract_text}".lower()]
    assert len(about) >= 55
    assert all("inference" in paper.title_text.lower() for paper in papers[:10])


@pytest.mark.parametrize("words", PARAPHRASES)
def test_paraphrased_title_finds_its_paper_in_the_first_five(words):
    assert any(title.startswith(PARAPHRASES[words]) for title in titles(words, limit=5))


ONE_WORD = ["model", "learning", "graph", "quantum", "image", "robust", "attention", "zhang"]
MORE_WORDS = ["language model", "neural network training", "reinforcement learning policy"]


@pytest.mark.parametrize("text", ONE_WORD + MORE_WORDS)
def test_tiers_agree_with_ranking_every_match(text):
    words, papers = TsQueries.from_query(parse(text)), Paper.objects.visible()

    every = hybrid.ranked_page(papers, words, None, max_ranked=1_000_000).ids
    tiers = hybrid.ranked_page(papers, words, None, max_ranked=0).ids

    assert len(set(every) & set(tiers)) >= 9


QUERIES = ["graph neural networks", "black holes", "protein folding", "medical image segmentation"]


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("filter", ["", "in:hep-th", "in:cs.CV", "in:q-bio", "-learning"])
def test_meaning_is_the_same_by_index_as_in_full(text, filter):
    query = parse(f"{text} {filter}")
    words, papers = TsQueries.from_query(query), Paper.objects.visible().with_filters(query)
    nearest = partial(
        hybrid.ranked_page,
        papers,
        TsQueries(without_plain_words=words.without_plain_words),
        vector_of(text),
    )

    in_full, by_index = nearest().ids, nearest(max_compared=0).ids

    assert len(set(in_full) & set(by_index)) >= min(9, len(in_full))


def test_planner_knows_how_much_a_topic_leaves():
    """Else what is little would be looked for through the index."""
    keys = list(Paper.objects.values_list("pk", flat=True))
    sizes = {"few": 100, "many": len(keys) // 2}
    for slug, size in sizes.items():
        topic = Topic.objects.create(slug=slug, name=slug)
        rows = (PaperTopic(paper_id=key, topic=topic) for key in keys[:size])
        PaperTopic.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE papers_papertopic")

    for slug, size in sizes.items():
        papers = Paper.objects.visible().with_filters(parse(f"topic:{slug}"))
        assert 0.5 < planner.estimated_count(papers) / size < 2


def test_filter_is_met_by_all_that_is_found():
    for paper in run.search_papers("galaxies in:astro-ph -dark").papers:
        assert any(code.startswith("astro-ph") for code in paper.categories)
        assert not re.search(r"\bdark\b", f"{paper.title_text} {paper.abstract_text}".lower())


def test_similar_papers_are_near_and_in_order():
    paper = Paper.objects.get(title_text__startswith="Medusa")

    similar = run.similar(paper)

    closeness = [other.closeness for other in similar]
    assert len(similar) == 10 and paper not in similar
    assert closeness == sorted(closeness, reverse=True) and 0.5 < closeness[0] <= 1


def test_second_page_goes_on_where_the_first_ended():
    first, second = run.search_papers("inference"), run.search_papers("inference", offset=60)

    assert not {paper.pk for paper in first.papers} & {paper.pk for paper in second.papers}
    assert first.total == second.total


def vector_of(text: str) -> np.ndarray:
    vector: np.ndarray = embeddings.embed([text])[0]
    return vector
